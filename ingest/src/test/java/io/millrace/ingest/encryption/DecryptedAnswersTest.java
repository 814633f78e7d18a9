package io.millrace.ingest.encryption;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import io.millrace.proto.flovyn.v1.PollRequest;
import io.millrace.proto.v1.AwaitEndRequest;
import io.millrace.proto.v1.ContinueAsNewRequest;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which answers of gRPC hold payloads: a new one has to be thought of in {@link DecryptingInterceptor}. */
class DecryptedAnswersTest {

    @Test
    void thoseThatHoldPayloadsAreThoseThatAreDecrypted() {
        Set<String> holding = new TreeSet<>();
        Stream.of(PollRequest.getDescriptor(), AwaitEndRequest.getDescriptor(), ContinueAsNewRequest.getDescriptor())
                .flatMap(request -> request.getFile().getServices().stream())
                .forEach(service -> service.getMethods().forEach(method -> {
                    if (holdsBytes(method.getOutputType())) {
                        holding.add(method.getOutputType().getName());
                    }
                }));

        assertEquals(
                Set.of(
                        "AwaitEndResponse",
                        "GetEventsResponse",
                        "GetStateResponse",
                        "PollResponse",
                        "PollTaskResponse",
                        "QueryWorkflowResponse"),
                holding);
    }

    private static boolean holdsBytes(Descriptor message) {
        return message.getFields().stream()
                .anyMatch(field -> field.getJavaType() == JavaType.BYTE_STRING
                        || field.getJavaType() == JavaType.MESSAGE && holdsBytes(field.getMessageType()));
    }
}
