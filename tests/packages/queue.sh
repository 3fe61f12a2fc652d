# The exchange is away until the queue is full. Disabled, too: an upgrade starts what is enabled.
systemctl disable --now qianzhi-hub
add 40000
within 300 "the queue is full, capture pauses" is_full
check "something is left" has_left
left_before=$(left || true)
batches >/test/batches.before
echo "left: $left_before"
