package io.millrace.infra.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.infra.worker.JsonData;
import io.millrace.infra.worker.Pending;
import io.millrace.infra.worker.TaskContext;
import io.millrace.infra.worker.TaskOptions;
import io.millrace.infra.worker.WorkerOptions;
import io.millrace.infra.worker.WorkflowContext;
import java.time.Duration;
import java.util.Map;

/** What the demo's worker can do. */
final class DemoWorkflows {

    static final String ECHO = "echo";
    static final String DOUBLER = "doubler";
    static final String STATEFUL = "stateful";
    static final String ORDER = "order";
    private static final String INVOICE = "invoice";
    static final String SIGNAL = "approve";
    static final String PROMISE = "delivery";
    static final Duration TIMER = Duration.ofMillis(200);

    private DemoWorkflows() {}

    static WorkerOptions register(WorkerOptions worker) {
        return worker.workflow(ECHO, (workflow, input) -> input)
                .workflow(DOUBLER, DemoWorkflows::doubler)
                .workflow(STATEFUL, DemoWorkflows::stateful)
                .workflow(ORDER, DemoWorkflows::order)
                .workflow(
                        INVOICE,
                        (workflow, input) -> JsonData.from(
                                Map.of("invoice", input.path("order").asText() + "-1")))
                .task(
                        "reserve",
                        (task, input) -> JsonData.from(
                                Map.of("reserved", input.path("items").asInt())))
                .task("charge", DemoWorkflows::charge);
    }

    private static JsonNode doubler(WorkflowContext workflow, JsonNode input) throws Exception {
        JsonNode doubled =
                workflow.run("double", () -> JsonData.from(input.path("n").asInt() * 2));
        return JsonData.from(Map.of("n", doubled));
    }

    private static JsonNode stateful(WorkflowContext workflow, JsonNode input) {
        int sum = 0;
        for (JsonNode number : input.path("numbers")) {
            sum += number.asInt();
            workflow.setState("sum", JsonData.from(sum));
        }
        return JsonData.from(Map.of("sum", workflow.getState("sum").orElseThrow()));
    }

    /** Waits for something of every kind. */
    private static JsonNode order(WorkflowContext workflow, JsonNode input) {
        Pending<JsonNode> reserved = workflow.scheduleTask("reserve", input);
        JsonNode items = reserved.await();
        JsonNode charge = workflow.scheduleTask("charge", input, TaskOptions.DEFAULT.withMaxRetries(2))
                .await();
        workflow.sleep(TIMER).await();
        JsonNode approval = workflow.waitForSignal(SIGNAL).await();
        JsonNode delivered = workflow.promise(PROMISE).await();
        JsonNode invoice = workflow.childWorkflow("invoice", INVOICE, input).await();
        return JsonData.from(Map.of(
                "reserved", items.path("reserved"),
                "chargedAtAttempt", charge.path("attempt"),
                "approvedBy", approval,
                "delivered", delivered,
                "invoice", invoice.path("invoice")));
    }

    private static JsonNode charge(TaskContext task, JsonNode input) {
        if (task.attempt() == 1) {
            throw new IllegalStateException("the bank did not answer");
        }
        return JsonData.from(Map.of("attempt", task.attempt()));
    }
}
