from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='commentrevision',
            name='author_name',
            field=models.CharField(blank=True, default='', max_length=200, verbose_name='name'),
        ),
        migrations.AddField(
            model_name='commentrevision',
            name='author_url',
            field=models.CharField(blank=True, default='', max_length=2000, verbose_name='website'),
        ),
    ]
