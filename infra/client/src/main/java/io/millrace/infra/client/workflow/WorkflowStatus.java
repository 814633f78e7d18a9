package io.millrace.infra.client.workflow;

import io.millrace.infra.client.json.JsonObject;
import io.millrace.infra.client.print.Cell;

/** How a workflow stands, for people: SDKs know one status for several ways to end. */
final class WorkflowStatus {

    private WorkflowStatus() {}

    /** @return the status in its colour, and in a word how it came about where that says more */
    static Cell of(JsonObject workflow) {
        String more = !workflow.text("terminatedBy").isEmpty() ? " (terminated)" : wentOn(workflow) ? " (reset)" : "";
        Cell status = Cell.status(workflow.text("status"));
        return new Cell(status.text() + more, status.look());
    }

    /** A run that had failed before, or was cancelled, stays what it was. */
    private static boolean wentOn(JsonObject workflow) {
        return workflow.text("status").equals("CANCELLED")
                && !workflow.text("resetTo").isEmpty()
                && workflow.text("error").startsWith("Reset: ");
    }
}
