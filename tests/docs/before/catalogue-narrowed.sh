# An item is gone from the hub's catalogue, which departments would notice.
sed -i '/^ *- postal_code$/d' /etc/qianzhi/catalogue/commerce.yaml
! sudo qianzhi-hub catalogue diff /etc/qianzhi/catalogue
