"""Flask extensions, created unbound; app.py binds them."""

from flask_alembic import Alembic
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_mail import Mail
from flask_sqlalchemy_lite import SQLAlchemy
from flask_wtf import CSRFProtect

from domain.orm import Base

db = SQLAlchemy()
migrate = Alembic(run_mkdir=False, metadatas=Base.metadata)
csrf = CSRFProtect()
mail = Mail()
limiter = Limiter(get_remote_address, storage_uri="memory://")
"""The coarse outer fence, counted per process; the limits that matter count rows in the database."""
