package io.millrace.infra.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.UnknownFieldSet;
import io.millrace.proto.WholeText;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Messages of any type, made of a seed: some of their values make sense, others do not. */
final class Messages {

    private static final int MOST_ITEMS = 3;

    private final Random random;
    private final String orgId;
    private final List<String> ids;

    /** @param ids of things that are there */
    Messages(Random random, String orgId, List<String> ids) {
        this.random = random;
        this.orgId = orgId;
        this.ids = ids;
    }

    /** @return the bytes of a message, now and then damaged */
    byte[] bytes(Descriptor type) {
        byte[] bytes = message(type, 0).toByteArray();
        if (bytes.length > 0 && random.nextInt(8) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        } else if (bytes.length > 1 && random.nextInt(12) == 0) {
            return Arrays.copyOf(bytes, random.nextInt(bytes.length));
        }
        return bytes;
    }

    private DynamicMessage message(Descriptor type, int depth) {
        DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
        for (FieldDescriptor field : type.getFields()) {
            if (field.isMapField()) {
                continue;
            }
            if (field.isRepeated()) {
                for (int i = random.nextInt(MOST_ITEMS + 1); i > 0; i--) {
                    message.addRepeatedField(field, value(field, depth));
                }
            } else if (random.nextInt(4) > 0 && (field.getContainingOneof() == null || random.nextInt(4) == 0)) {
                message.setField(field, value(field, depth));
            }
        }
        if (random.nextInt(20) == 0) {
            message.setUnknownFields(UnknownFieldSet.newBuilder()
                    .addField(
                            99, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
                    .build());
        }
        return message.build();
    }

    private Object value(FieldDescriptor field, int depth) {
        return switch (field.getJavaType()) {
            case INT -> Hostile.any(random, Hostile.NUMBERS).intValue();
            case LONG -> field.getName().equals("timeout_seconds") ? 0L : Hostile.any(random, Hostile.NUMBERS);
            case FLOAT -> Hostile.any(random, List.of(0f, -1f, Float.NaN, Float.POSITIVE_INFINITY));
            case DOUBLE ->
                Hostile.any(random, List.of(0d, -1d, 0.5, Double.NaN, Double.NEGATIVE_INFINITY, Double.MAX_VALUE));
            case BOOLEAN -> random.nextBoolean();
            case STRING -> text(field);
            case BYTE_STRING -> payload();
            case ENUM ->
                field.getEnumType()
                        .findValueByNumberCreatingIfUnknown(
                                random.nextInt(6) == 0
                                        ? 99
                                        : random.nextInt(
                                                field.getEnumType().getValues().size()));
            case MESSAGE -> message(field.getMessageType(), depth + 1);
        };
    }

    private String text(FieldDescriptor field) {
        if (random.nextInt(5) == 0) {
            String hostile = Hostile.any(random, Hostile.TEXTS);
            return WholeText.firstHalf(hostile) < 0 ? hostile : "half";
        }
        if (field.getName().equals("org_id")) {
            return orgId;
        }
        return field.getName().endsWith("_id") ? Hostile.any(random, ids) : "name-" + random.nextInt(4);
    }

    private ByteString payload() {
        return switch (random.nextInt(6)) {
            case 0 -> ByteString.copyFromUtf8(Hostile.any(random, Hostile.PAYLOADS));
            case 1 -> ByteString.copyFrom(new byte[] {'"', (byte) 0xc0, (byte) 0xaf, '"'});
            default -> ByteString.copyFromUtf8("{\"n\":" + random.nextInt(9) + "}");
        };
    }
}
