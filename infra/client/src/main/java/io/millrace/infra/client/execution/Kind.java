package io.millrace.infra.client.execution;

import io.millrace.infra.client.api.Api;
import java.util.UUID;

/** The two kinds of executions, for commands that treat both in the same way. */
public enum Kind {
    WORKFLOW("workflow", "/workflow-executions"),
    TASK("task", "/task-executions");

    private final String word;
    private final String path;

    Kind(String word, String path) {
        this.word = word;
        this.path = path;
    }

    /** @return the word for such an execution in messages */
    public String word() {
        return word;
    }

    /** @return path of all executions of the kind */
    public String path() {
        return path;
    }

    /** @return path of one execution */
    public String path(UUID id) {
        return path + "/" + Api.encoded(id.toString());
    }
}
