# The catalogue of a department that joins later.
install -d -o qianzhi-hub /srv/water
cat >/srv/water/catalogue.yaml <<'YAML'
version: 1
items:
  meter_number: {title: 水表编号, title_en: Meter number, type: code(18)}
  water_user: {title: 用水户名称, title_en: Name of the water user, type: text(200)}
YAML
cat >/srv/water/water.yaml <<'YAML'
department: {id: water, title: 水务部门, title_en: Water bureau}
topics:
  water.users:
    title: 用水户信息
    title_en: Water users
    mode: state
    key: [meter_number]
    items: [meter_number, water_user]
YAML
