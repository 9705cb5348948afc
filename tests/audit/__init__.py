"""`make audit-pages`: Lighthouse and the Nu HTML checker on every public page and state; needs Node, Java and Chromium."""
