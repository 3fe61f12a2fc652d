// A shape as it is kept in the store.
#include "agent/flow/record.pb.h"
#include "agent/flow/shape.h"

namespace qianzhi::flow {

Bytes encode(const Shape& shape) {
  record::Shape message;
  for (const ShapeColumn& column : shape.columns) {
    record::ShapeColumn& entry = *message.add_columns();
    entry.set_name(column.name);
    entry.set_native_type(column.native_type);
    entry.set_type(static_cast<std::uint32_t>(column.type));
    entry.set_nullable(column.nullable);
    entry.set_use(column.use);
  }
  for (const std::string& name : shape.others) message.add_others(name);
  for (const std::string& name : shape.key) message.add_key(name);
  for (const std::string& name : shape.key_columns) message.add_key_columns(name);
  message.set_instance(shape.instance);
  message.set_mapping(shape.mapping);
  for (const ShapeNote& note : shape.notes) {
    record::ShapeNote& entry = *message.add_notes();
    entry.set_time(note.time);
    entry.set_text(note.text);
  }
  return message.SerializeAsString();
}

std::optional<Shape> decode_shape(std::string_view octets) {
  record::Shape message;
  if (!message.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) return std::nullopt;
  Shape shape;
  for (const record::ShapeColumn& column : message.columns()) {
    if (column.type() > static_cast<std::uint32_t>(ItemType::bytes)) return std::nullopt;
    shape.columns.push_back(
        {column.name(), column.native_type(), static_cast<ItemType>(column.type()), column.nullable(), column.use()});
  }
  shape.others = {message.others().begin(), message.others().end()};
  shape.key = {message.key().begin(), message.key().end()};
  shape.key_columns = {message.key_columns().begin(), message.key_columns().end()};
  shape.instance = message.instance();
  shape.mapping = message.mapping();
  for (const record::ShapeNote& note : message.notes()) shape.notes.push_back({note.time(), note.text()});
  return shape;
}

}  // namespace qianzhi::flow
