# Of conf/catalogue: somebody gave an item of the hub's catalogue another title.
sed -i 's/title: 邮政编码/title: 邮编/' /etc/qianzhi/catalogue/catalogue.yaml
