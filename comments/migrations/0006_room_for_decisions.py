"""Half of each page of comments is left free for what their decisions write.

Every comment is updated once, when it is decided. Where the new version of
the row fits on its page, no index has to be written again (a HOT update).
"""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('comments', '0005_import_chunks'),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE comments_comment SET (fillfactor = 50)",
            "ALTER TABLE comments_comment RESET (fillfactor)",
        ),
    ]
