package io.millrace.dispatcher.replay;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.millrace.dispatcher.codec.OutcomeEncoder;
import io.millrace.dispatcher.engine.command.Payload;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.ClaimWork;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Commands as trees, in the form that docs/reference/history.md describes, and back. */
final class CommandTree {

    private static final String BASE64 = "base64:";

    private CommandTree() {}

    static Map<String, Object> of(CommandRecord command) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", OutcomeEncoder.name(command));
        tree.put("id", RecordText.id(command.getCommandId()));
        tree.put("organisation", RecordText.id(command.getOrgId()));
        tree.put("by", by(command.getPrincipal()));
        tree.put("from", command.getOrigin());
        JsonTree.put(tree, "written", JsonTree.time(command.getTimeMs()));
        JsonTree.put(tree, "reason", command.getReason());
        JsonTree.put(tree, "traceparent", command.getTraceparent());
        JsonTree.put(tree, "mostHistoryBytes", command.getMaxHistoryBytes());
        if (command.getSentAgain()) {
            tree.put("sentAgain", true);
        }
        FieldDescriptor body = command.getOneofFieldDescriptor(
                CommandRecord.getDescriptor().getOneofs().getFirst());
        if (body != null) {
            tree.put("body", fields((Message) command.getField(body)));
        }
        if (command.hasClaims()) {
            tree.put("claims", fields(command.getClaims()));
        }
        return tree;
    }

    private static Map<String, Object> by(Principal principal) {
        Map<String, Object> by = new LinkedHashMap<>();
        by.put("type", principal.getType().name().toLowerCase(Locale.ROOT));
        JsonTree.put(by, "id", principal.getId());
        JsonTree.put(by, "role", principal.getRole());
        JsonTree.put(by, "credential", principal.getCredential());
        return by;
    }

    /** Fields by their names in commands.proto; ids as such, payloads as the text that they are, whatever is in it. */
    private static Map<String, Object> fields(Message message) {
        Map<String, Object> fields = new LinkedHashMap<>();
        message.getAllFields().forEach((field, value) -> fields.put(field.getName(), value(field, value)));
        return fields;
    }

    private static Object value(FieldDescriptor field, Object value) {
        if (field.isMapField()) {
            Map<String, Object> map = new LinkedHashMap<>();
            for (Object entry : (List<?>) value) {
                Message pair = (Message) entry;
                FieldDescriptor of = pair.getDescriptorForType().findFieldByNumber(2);
                map.put(
                        String.valueOf(pair.getField(pair.getDescriptorForType().findFieldByNumber(1))),
                        single(of, pair.getField(of)));
            }
            return map;
        }
        if (field.isRepeated()) {
            return ((List<?>) value).stream().map(each -> single(field, each)).toList();
        }
        return single(field, value);
    }

    private static Object single(FieldDescriptor field, Object value) {
        return switch (value) {
            case Message message -> fields(message);
            case ByteString bytes -> isId(field) ? RecordText.id(bytes) : RecordText.text(bytes.toByteArray());
            case Number number -> number;
            case Boolean truth -> truth;
            default -> value.toString();
        };
    }

    private static boolean isId(FieldDescriptor field) {
        return field.getName().endsWith("_id");
    }

    /**
     * Reads a command back.
     *
     * @param otherwise what it has where the tree says nothing: id, organisation, who asks, when and from where
     * @throws IllegalArgumentException it is none; the text tells what is wrong
     */
    static CommandRecord read(Map<?, ?> tree, CommandRecord otherwise) {
        CommandRecord.Builder record = otherwise.toBuilder();
        FieldDescriptor had = otherwise.getOneofFieldDescriptor(
                CommandRecord.getDescriptor().getOneofs().getFirst());
        if (had != null) {
            record.clearField(had);
        }
        record.clearClaims();
        String name = text(tree, "name", "");
        FieldDescriptor body = CommandRecord.getDescriptor().findFieldByName(name);
        if (body == null || body.getContainingOneof() == null) {
            if (!name.equals("body_not_set")) {
                throw new IllegalArgumentException("expected the name of a command that this version knows, such as"
                        + " cancel_workflow, but got '" + name + "'");
            }
        } else {
            Message.Builder message = record.newBuilderForField(body);
            merge(tree.get("body") instanceof Map<?, ?> fields ? fields : Map.of(), message, name);
            record.setField(body, message.build());
        }
        if (tree.get("claims") instanceof Map<?, ?> fields) {
            ClaimWork.Builder claims = ClaimWork.newBuilder();
            merge(fields, claims, "claims");
            record.setClaims(claims);
        }
        if (tree.get("id") instanceof String id) {
            record.setCommandId(bytes(id, "id"));
        }
        if (tree.get("organisation") instanceof String id) {
            record.setOrgId(bytes(id, "organisation"));
        }
        if (tree.get("by") instanceof Map<?, ?> by) {
            record.setPrincipal(Principal.newBuilder()
                    .setType(principalType(text(by, "type", "")))
                    .setId(text(by, "id", ""))
                    .setRole(text(by, "role", ""))
                    .setCredential(text(by, "credential", "")));
        }
        return record.setOrigin(text(tree, "from", otherwise.getOrigin()))
                .setTimeMs(tree.get("written") instanceof String written ? ms(written) : otherwise.getTimeMs())
                .setReason(text(tree, "reason", ""))
                .setTraceparent(text(tree, "traceparent", ""))
                .setMaxHistoryBytes(
                        tree.get("mostHistoryBytes") instanceof Long most ? most : otherwise.getMaxHistoryBytes())
                .setSentAgain(Boolean.TRUE.equals(tree.get("sentAgain")))
                .build();
    }

    private static Principal.Type principalType(String name) {
        for (Principal.Type type : Principal.Type.values()) {
            if (type.name().equalsIgnoreCase(name)) {
                return type;
            }
        }
        throw new IllegalArgumentException("expected who asks to be user, worker or system, but got '" + name + "'");
    }

    private static String text(Map<?, ?> tree, String name, String otherwise) {
        return tree.get(name) instanceof String text ? text : otherwise;
    }

    /** @return the time in milliseconds since the epoch */
    static long ms(String time) {
        try {
            return Instant.parse(time).toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "expected a time such as 2026-01-31T14:03:00Z, but got '" + time + "'", e);
        }
    }

    private static ByteString bytes(String id, String where) {
        try {
            return id.contains("-")
                    ? Ids.toByteString(UUID.fromString(id))
                    : ByteString.copyFrom(HexFormat.of().parseHex(id));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("expected an id as " + where + ", but got '" + id + "'", e);
        }
    }

    private static void merge(Map<?, ?> fields, Message.Builder into, String where) {
        fields.forEach((name, value) -> {
            FieldDescriptor field = into.getDescriptorForType().findFieldByName(String.valueOf(name));
            if (field == null) {
                throw new IllegalArgumentException("expected fields of " + where + " that this version knows, but got '"
                        + name + "'; they are "
                        + into.getDescriptorForType().getFields().stream()
                                .map(FieldDescriptor::getName)
                                .toList());
            }
            into.setField(field, read(field, value, into));
        });
    }

    private static Object read(FieldDescriptor field, @Nullable Object value, Message.Builder into) {
        if (field.isMapField() && value instanceof Map<?, ?> map) {
            List<Message> entries = new ArrayList<>();
            map.forEach((key, each) -> {
                Message.Builder entry = into.newBuilderForField(field);
                FieldDescriptor of = entry.getDescriptorForType().findFieldByNumber(2);
                entry.setField(entry.getDescriptorForType().findFieldByNumber(1), String.valueOf(key));
                entry.setField(of, readSingle(of, each, entry));
                entries.add(entry.build());
            });
            return entries;
        }
        if (field.isRepeated() && !field.isMapField() && value instanceof List<?> list) {
            return list.stream().map(each -> readSingle(field, each, into)).toList();
        }
        if (field.isRepeated()) {
            throw new IllegalArgumentException("expected " + field.getName() + " to be "
                    + (field.isMapField() ? "an object" : "a list") + ", but got " + JsonTree.json(value));
        }
        return readSingle(field, value, into);
    }

    private static Object readSingle(FieldDescriptor field, @Nullable Object value, Message.Builder into) {
        Object read = switch (field.getJavaType()) {
            case MESSAGE -> {
                Message.Builder message = into.newBuilderForField(field);
                if (value instanceof Map<?, ?> fields) {
                    merge(fields, message, field.getName());
                    yield message.build();
                }
                yield null;
            }
            case BYTE_STRING -> bytes(field, value);
            case STRING -> value instanceof String text ? text : null;
            case BOOLEAN -> value instanceof Boolean truth ? truth : null;
            case INT -> value instanceof Long number && number.intValue() == number ? number.intValue() : null;
            case LONG -> value instanceof Long number ? number : null;
            case DOUBLE -> value instanceof Number number ? number.doubleValue() : null;
            case FLOAT -> value instanceof Number number ? number.floatValue() : null;
            case ENUM -> value instanceof String name ? field.getEnumType().findValueByName(name) : null;
        };
        if (read == null) {
            throw new IllegalArgumentException("expected " + field.getName() + " to be "
                    + (field.getJavaType() == FieldDescriptor.JavaType.ENUM
                            ? "one of "
                                    + field.getEnumType().getValues().stream()
                                            .map(EnumValueDescriptor::getName)
                                            .toList()
                            : field.getJavaType().name().toLowerCase(Locale.ROOT))
                    + ", but got " + JsonTree.json(value));
        }
        return read;
    }

    /** Ids as such; payloads as the text that they are, or as JSON that they say. */
    private static @Nullable ByteString bytes(FieldDescriptor field, @Nullable Object value) {
        if (!(value instanceof String text)) {
            return isId(field) || value == null
                    ? null
                    : ByteString.copyFromUtf8(value instanceof Payload raw ? JsonTree.json(raw) : JsonTree.json(value));
        }
        if (isId(field)) {
            return bytes(text, field.getName());
        }
        return text.startsWith(BASE64)
                ? ByteString.copyFrom(Base64.getDecoder().decode(text.substring(BASE64.length())))
                : ByteString.copyFromUtf8(text);
    }
}
