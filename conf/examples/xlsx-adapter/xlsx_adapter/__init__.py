"""An adapter of Qianzhi in Python, of the standard library only: workbooks in a drop folder as a source."""

VERSION = "0.1.0"
PROTOCOL = 1
