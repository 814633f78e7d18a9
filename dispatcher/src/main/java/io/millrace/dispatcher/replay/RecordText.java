package io.millrace.dispatcher.replay;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.millrace.dispatcher.codec.OutcomeEncoder;
import io.millrace.dispatcher.replay.log.LoggedCommand;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.CommandRecord;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** Commands as people can read them. Payloads stand there as they stand in the record. */
public final class RecordText {

    private static final int ID_BYTES = 16;

    private RecordText() {}

    /** @return the id, or the bytes in hex where they are none */
    static String id(ByteString bytes) {
        return bytes.size() == ID_BYTES
                ? Ids.fromBytes(bytes).toString()
                : HexFormat.of().formatHex(bytes.toByteArray());
    }

    /** @return what the record asks for, who asks, when and from where, a line each */
    static List<String> of(int partition, LoggedCommand logged) {
        List<String> lines = new ArrayList<>();
        lines.add("partition " + partition + ", offset " + logged.offset() + ", taken in at "
                + Instant.ofEpochMilli(logged.appendedMs()));
        try {
            if (logged.value() == null) {
                lines.add("an empty record");
                return lines;
            }
            CommandRecord command = CommandRecord.parseFrom(logged.value());
            lines.add(OutcomeEncoder.name(command) + " " + id(command.getCommandId()) + " of organisation "
                    + id(command.getOrgId()));
            lines.add("by " + OutcomeLines.principal(command.getPrincipal()) + ", from " + command.getOrigin() + ", at "
                    + Instant.ofEpochMilli(command.getTimeMs()) + " by its own clock");
            if (!command.getReason().isEmpty()) {
                lines.add("because: " + command.getReason());
            }
            FieldDescriptor body = command.getOneofFieldDescriptor(
                    CommandRecord.getDescriptor().getOneofs().getFirst());
            if (body != null) {
                lines.add(message((Message) command.getField(body)));
            }
            if (command.hasClaims()) {
                lines.add("with the claims " + message(command.getClaims()));
            }
        } catch (InvalidProtocolBufferException e) {
            lines.add("no command: " + HexFormat.of().formatHex(logged.value()));
        }
        return lines;
    }

    /** @return the fields that are set, by name, in one line */
    static String message(Message message) {
        return message.getAllFields().entrySet().stream()
                .map(field -> field.getKey().getName() + "=" + field(field.getKey(), field.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static String field(FieldDescriptor field, Object value) {
        if (field.isRepeated()) {
            return ((List<?>) value)
                    .stream().map(each -> value(field, each)).collect(Collectors.joining(", ", "[", "]"));
        }
        return value(field, value);
    }

    private static String value(FieldDescriptor field, Object value) {
        return switch (value) {
            case Message message -> message(message);
            case ByteString bytes -> bytes(field, bytes);
            default -> value.toString();
        };
    }

    private static String bytes(FieldDescriptor field, ByteString bytes) {
        return field.getName().endsWith("_id") && bytes.size() == ID_BYTES ? id(bytes) : text(bytes.toByteArray());
    }

    /** @return the text, or base64 of what is none */
    static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return "base64:" + Base64.getEncoder().encodeToString(bytes);
        }
    }
}
