"""Flask extensions, created unbound; app.py binds them."""

import hashlib
import secrets

from flask_alembic import Alembic
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_mail import Mail
from flask_sqlalchemy_lite import SQLAlchemy
from flask_wtf import CSRFProtect

from domain.orm import Base


class Migrations(Alembic):
    """Numbers migrations one after the other: a new one, made by `flask db revision`, follows the newest by 1."""

    def rev_id(self) -> str:
        """The number of the next migration, as its file and the table of the database name it."""
        numbers = [int(script.revision) for script in self.script_directory.walk_revisions()]
        return f"{max(numbers) + 1:04}"


db = SQLAlchemy()
migrate = Migrations(run_mkdir=False, metadatas=Base.metadata)
csrf = CSRFProtect()
mail = Mail()
_FENCE_KEY = secrets.token_bytes(32)


def sender() -> str:
    """Who counts as one; Flask-Limiter keeps it in memory and names it in its log lines, so it is no address."""
    return hashlib.blake2b(get_remote_address().encode(), key=_FENCE_KEY, digest_size=16).hexdigest()


limiter = Limiter(sender, storage_uri="memory://")
"""The coarse outer fence, counted per process; the limits that matter count rows in the database."""
