"""What a group of settings is."""

from pydantic_settings import BaseSettings, SettingsConfigDict

from settings.environment import ENV_FILES


class Group(BaseSettings):
    """Settings that belong together. A field's name in capitals is the variable's name."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILES,
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        enable_decoding=False,
    )
