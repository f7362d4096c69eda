from django.db import migrations, models

# Of the reasons that came with earlier versions: nobody rejects with these.
KEEP = "UPDATE moderation_reason SET offered = false WHERE slug IN ('awaiting-review', 'check-failed')"


class Migration(migrations.Migration):
    dependencies = [("moderation", "0024_bulk")]

    operations = [
        migrations.AddField(
            model_name="reason",
            name="offered",
            field=models.BooleanField(
                default=True,
                help_text="Off for what only says why a comment waits.",
                verbose_name="people may reject with it",
            ),
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
    ]
