package io.millrace.infra.client;

import io.millrace.infra.client.api.Api;
import java.util.UUID;

/** The two kinds of executions, for what is done alike with both. */
enum Kind {
    WORKFLOW("workflow", "/workflow-executions"),
    TASK("task", "/task-executions");

    private final String word;
    private final String path;

    Kind(String word, String path) {
        this.word = word;
        this.path = path;
    }

    /** @return what messages call one */
    String word() {
        return word;
    }

    /** @return path of all */
    String path() {
        return path;
    }

    /** @return path of one */
    String path(UUID id) {
        return path + "/" + Api.encoded(id.toString());
    }
}
