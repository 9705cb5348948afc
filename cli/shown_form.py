"""A form as a page shows it: its fields and what they hold, as a browser without JavaScript would send them."""

from html.parser import HTMLParser

Attributes = dict[str, str]
_BOXES = frozenset({"checkbox", "radio"})
_PRESSED = frozenset({"submit", "button", "image", "reset", "file"})


class ShownForm(HTMLParser):
    """Reads the first form of a page that is sent by POST to `action`; `fields` is None while there was none.

    `values` are what each field can be set to, boxes that nobody has ticked included; none where anything can be typed.
    """

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.fields: dict[str, str] | None = None
        self.values: dict[str, list[str]] = {}
        self._action, self._is_inside = action, False
        self._select = self._area = ""
        self.feed(page)
        self.close()

    def fill(self, **typed: str) -> list[str]:
        """Sets fields; the names of those that the form does not have, or that do not take the value."""
        assert self.fields is not None
        self.fields |= typed
        return [name for name, value in typed.items() if not self._takes(name, value)]

    def _takes(self, name: str, value: str) -> bool:
        choices = self.values.get(name)
        return choices is not None and (not choices or value in choices)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            is_ours = found.get("action") == self._action and found.get("method", "").lower() == "post"
            self._is_inside = is_ours and self.fields is None
            self.fields = {} if self._is_inside else self.fields
        elif self._is_inside and tag in {"input", "select", "textarea", "option"}:
            self._field(tag, found)

    def handle_endtag(self, tag: str) -> None:
        """Called by the parser."""
        if tag == "form":
            self._is_inside = False
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        """Called by the parser."""
        if self._area and self.fields is not None:
            self.fields[self._area] += data.removeprefix("\n")

    def _field(self, tag: str, found: Attributes) -> None:
        assert self.fields is not None
        name, kind = found.get("name", ""), found.get("type", "text")
        if tag == "option":
            self._option(found)
        elif tag == "select":
            self._select, self.values[name] = name, []
        elif tag == "textarea":
            self._area, self.fields[name] = name, ""
            self.values.setdefault(name, [])
        elif name and kind in _BOXES:
            self.values.setdefault(name, []).append(found.get("value", "on"))
            if "checked" in found:
                self.fields[name] = self.values[name][-1]
        elif name and kind not in _PRESSED:
            self.fields[name] = found.get("value", "")
            self.values.setdefault(name, [])

    def _option(self, found: Attributes) -> None:
        assert self.fields is not None
        value = found.get("value", "")
        self.values[self._select].append(value)
        if "selected" in found or self._select not in self.fields:
            self.fields[self._select] = value
