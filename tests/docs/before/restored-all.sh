# AFTER of tests/docs/run: the receiver ends equal to the restored source.
source "$root/tests/docs/before/restored.sh"
arrived 荔湾茶行
