# Run by tests/docs/run behind START.md, DESK.md and ADMIN.md: the pages of the hub and the desk that these left
# running, in a real browser. Screenshots come to the folder $SCREENSHOTS.
sed -i 's/^hub:$/&\n  admin: {listen: "127.0.0.1:8444"}/' /etc/qianzhi/hub.yaml
sudo systemctl restart qianzhi-hub
PASSWORD="$(grep -ohE 'Qz(-[a-z0-9]{5}){4}' /mnt/blocks/ADMIN/*.log | head -n 1)"
TOKEN="$(cat /var/lib/qianzhi-desk/wang.token)"
export PASSWORD TOKEN
node "$root/tests/browser/real_pages.js" "$SCREENSHOTS"
