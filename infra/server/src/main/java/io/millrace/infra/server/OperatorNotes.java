package io.millrace.infra.server;

import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.server.installation.InstallationNotes;
import io.millrace.proto.Failures;
import io.millrace.proto.Ids;
import io.millrace.proto.log.CommandLogException;
import io.millrace.proto.log.KafkaCommandLog;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RecordNote;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionException;

/** Notes in the log what an operator does on the command line, outside any server. Stateless. */
public final class OperatorNotes {

    /** The read model is about to be dropped and filled again. */
    public static final String REBUILD = "read_model_rebuild";

    private static final Principal OPERATOR = Principal.newBuilder()
            .setType(Principal.Type.SYSTEM)
            .setId("operator")
            .build();

    private OperatorNotes() {}

    /**
     * Writes a note, and returns once it is on Kafka. The owner of its partition, now or later, decides it. The note
     * names the user and the host as the operating system knows them, since nobody shows a key here.
     *
     * @param kind what is done
     * @param reason why it is done
     * @param details more, by name
     * @throws StartException if the note cannot be written; then the action itself must not be done either
     */
    public static void write(ServerConfig config, String kind, String reason, Map<String, String> details) {
        config.macs().expectKeys();
        Map<String, String> all = new TreeMap<>(details);
        all.put("user", System.getProperty("user.name", ""));
        all.put("host", host());
        CommandRecord.Builder note = CommandRecord.newBuilder()
                .setOrgId(Ids.toByteString(new UUID(0, 0)))
                .setPrincipal(OPERATOR)
                .setReason(reason)
                .setRecordNote(RecordNote.newBuilder().setKind(kind).putAllDetails(all));
        try (KafkaCommandLog log = new KafkaCommandLog(Wiring.commandLog(config))) {
            log.tell(InstallationNotes.partition(log), note).join();
        } catch (CommandLogException e) {
            throw unwritten(e);
        } catch (CompletionException e) {
            throw unwritten(Failures.cause(e));
        }
    }

    private static StartException unwritten(Throwable cause) {
        return new StartException(
                "expected to note in the log what is done and why, but could not, so nothing was done: "
                        + cause.getMessage(),
                cause);
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
