package io.millrace.dispatcher.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.millrace.proto.v1.CommandRecord;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class IdUsesTest {

    @Test
    void everyIdThatACommandMayHoldHasAName() {
        Set<String> unknown = new TreeSet<>();
        look(CommandRecord.getDescriptor(), new HashSet<>(), unknown);

        assertEquals(Set.of(), unknown);
    }

    private static void look(Descriptor message, Set<Descriptor> seen, Set<String> unknown) {
        if (!seen.add(message)) {
            return;
        }
        for (FieldDescriptor field : message.getFields()) {
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                look(field.getMessageType(), seen, unknown);
            } else if (field.getJavaType() == FieldDescriptor.JavaType.BYTE_STRING
                    && field.getName().endsWith("_id")
                    && !IdUses.knows(field.getName())) {
                unknown.add(field.getName());
            }
        }
    }
}
