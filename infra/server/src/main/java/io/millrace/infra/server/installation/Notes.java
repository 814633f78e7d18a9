package io.millrace.infra.server.installation;

import io.millrace.proto.Ids;
import io.millrace.proto.Shards;
import io.millrace.proto.directory.Directory;
import io.millrace.proto.v1.CommandRecord;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RecordNote;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/** The notes that a node writes about itself, as commands. */
final class Notes {

    /** A node has begun. */
    static final String STARTED = "node_started";

    /** A node was told to stop. */
    static final String STOPPED = "node_stopped";

    /** Settings of the node differ from those of its last start. */
    static final String CONFIGURATION = "configuration_changed";

    /** Keys of the API or their roles differ from those that were noted last. */
    static final String ACCESS = "access_changed";

    /** Keys of MACs or checkpoints differ from those that were noted last. */
    static final String KEYS = "keys_changed";

    /** Most changes in one note; if there are more, several notes are written. */
    static final int PER_NOTE = 500;

    /** The organisation of notes that concern no single organisation. */
    private static final UUID NOBODY = new UUID(0, 0);

    private static final Principal NODE =
            Principal.newBuilder().setType(Principal.Type.SYSTEM).setId("node").build();

    private Notes() {}

    /**
     * Notes that belong together, and the state that they leave behind for the next start.
     *
     * @param subject what the notes are about, as the directory names it
     * @param state the state from now on
     * @param notes in the order in which they are to be written
     */
    record Part(String subject, Map<String, String> state, List<CommandRecord.Builder> notes) {}

    /** @return the note of the start */
    static CommandRecord.Builder started(NodeState state) {
        return note(NOBODY, STARTED, state.details());
    }

    /** @return the note of the stop */
    static CommandRecord.Builder stopped(NodeState state) {
        return note(NOBODY, STOPPED, Map.of("version", state.version()));
    }

    /** @return the differences from what was noted last, in parts; none if nothing differs */
    static List<Part> changes(String node, NodeState state, Directory directory) {
        List<Part> parts = new ArrayList<>();
        String settings = "settings/" + node;
        directory
                .noted(settings)
                .ifPresentOrElse(
                        before -> add(parts, settings, state.settings().hashes(), configuration(before, state)),
                        () -> parts.add(new Part(settings, state.settings().hashes(), List.of())));
        add(parts, "keys", state.keys(), keys(directory.noted("keys").orElse(Map.of()), state));
        add(parts, "access", state.access(), access(directory.noted("access").orElse(Map.of()), state));
        return parts;
    }

    private static void add(
            List<Part> parts, String subject, Map<String, String> state, List<CommandRecord.Builder> notes) {
        if (!notes.isEmpty()) {
            parts.add(new Part(subject, state, notes));
        }
    }

    /**
     * Names the settings that have changed, but not their values: these may tell of hosts and files that concern nobody
     * else.
     */
    private static List<CommandRecord.Builder> configuration(Map<String, String> before, NodeState state) {
        SortedMap<String, String> changed =
                NodeState.changes(before, state.settings().hashes());
        changed.replaceAll((key, change) -> change.substring(0, change.indexOf(':')));
        return notes(NOBODY, CONFIGURATION, changed);
    }

    private static List<CommandRecord.Builder> keys(Map<String, String> before, NodeState state) {
        return notes(NOBODY, KEYS, NodeState.changes(before, state.keys()));
    }

    /** Tells each organisation of its own changes, and nothing of others. */
    private static List<CommandRecord.Builder> access(Map<String, String> before, NodeState state) {
        Map<UUID, SortedMap<String, String>> byOrganisation = new TreeMap<>();
        NodeState.changes(before, state.access()).forEach((name, change) -> {
            int space = name.indexOf(' ');
            byOrganisation
                    .computeIfAbsent(UUID.fromString(name.substring(0, space)), organisation -> new TreeMap<>())
                    .put(name.substring(space + 1), change);
        });
        List<CommandRecord.Builder> notes = new ArrayList<>();
        byOrganisation.forEach((organisation, changes) -> notes.addAll(notes(organisation, ACCESS, changes)));
        return notes;
    }

    private static List<CommandRecord.Builder> notes(UUID orgId, String kind, SortedMap<String, String> changes) {
        List<CommandRecord.Builder> notes = new ArrayList<>();
        Map<String, String> part = new TreeMap<>();
        changes.forEach((name, change) -> {
            part.put(name, change);
            if (part.size() == PER_NOTE) {
                notes.add(note(orgId, kind, part));
                part.clear();
            }
        });
        if (!part.isEmpty()) {
            notes.add(note(orgId, kind, part));
        }
        return notes;
    }

    /** Each note has an id of its own, so that one that had to be written twice shows as one. */
    private static CommandRecord.Builder note(UUID orgId, String kind, Map<String, String> details) {
        return CommandRecord.newBuilder()
                .setCommandId(Ids.toByteString(Shards.newId()))
                .setOrgId(Ids.toByteString(orgId))
                .setPrincipal(NODE)
                .setRecordNote(RecordNote.newBuilder().setKind(kind).putAllDetails(details));
    }
}
