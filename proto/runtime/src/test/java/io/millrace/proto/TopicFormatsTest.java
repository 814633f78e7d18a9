package io.millrace.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.OutcomeRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page of topic formats names each field of each message, with its number and type, and no other. */
class TopicFormatsTest {

    private static final Pattern HEADING = Pattern.compile("### `([\\w.]+)`");
    private static final Pattern FIELD = Pattern.compile("\\| `(\\w+)` \\| (\\d+) \\| (?:`([^`]+)` \\| )?.*\\|");

    @Test
    void thePageSaysWhatTheDefinitionsSay() throws IOException {
        Set<String> defined = new TreeSet<>();
        for (FileDescriptor file : List.of(
                CommandRecord.getDescriptor().getFile(),
                OutcomeRecord.getDescriptor().getFile())) {
            file.getMessageTypes().forEach(message -> add(defined, message));
            file.getEnumTypes().forEach(values -> add(defined, values));
        }

        assertEquals(String.join("\n", defined), String.join("\n", described()));
    }

    @Test
    void thePageNamesEveryTopic() throws IOException {
        String page = Files.readString(page());
        assertEquals(
                List.of(),
                Topics.all().stream()
                        .filter(topic -> !page.contains("| `" + topic + "` |"))
                        .toList());
    }

    private static Path page() {
        return Path.of("..", "..", "docs", "reference", "topics.md");
    }

    private static Set<String> described() throws IOException {
        Set<String> described = new TreeSet<>();
        String message = "";
        for (String line : Files.readAllLines(page())) {
            Matcher heading = HEADING.matcher(line);
            Matcher field = FIELD.matcher(line);
            if (heading.matches()) {
                message = heading.group(1);
            } else if (field.matches()) {
                String type = field.group(3) == null ? "" : " " + field.group(3);
                described.add(message + " " + field.group(1) + " " + field.group(2) + type);
            }
        }
        return described;
    }

    private static void add(Set<String> defined, Descriptor message) {
        for (FieldDescriptor field : message.getFields()) {
            defined.add(name(message) + " " + field.getName() + " " + field.getNumber() + " " + type(field));
        }
        message.getNestedTypes().stream()
                .filter(nested -> !nested.getOptions().getMapEntry())
                .forEach(nested -> add(defined, nested));
        message.getEnumTypes().forEach(values -> add(defined, values));
    }

    private static void add(Set<String> defined, EnumDescriptor values) {
        values.getValues()
                .forEach(value -> defined.add(name(values) + " " + value.getName() + " " + value.getNumber()));
    }

    private static String name(GenericDescriptor described) {
        return described
                .getFullName()
                .substring(described.getFile().getPackage().length() + 1);
    }

    private static String type(FieldDescriptor field) {
        if (field.isMapField()) {
            List<FieldDescriptor> entry = field.getMessageType().getFields();
            return "map<" + type(entry.get(0)) + ", " + type(entry.get(1)) + ">";
        }
        return field.isRepeated() ? "repeated " + single(field) : single(field);
    }

    private static String single(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case MESSAGE -> last(field.getMessageType().getFullName());
            case ENUM -> last(field.getEnumType().getFullName());
            default -> field.getType().name().toLowerCase(Locale.ROOT);
        };
    }

    /** As it stands in the definitions: types of another package with it. */
    private static String last(String fullName) {
        return fullName.startsWith("millrace.v1.") ? fullName.substring(fullName.lastIndexOf('.') + 1) : fullName;
    }
}
