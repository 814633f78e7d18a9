package io.millrace.infra.torture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.infra.bench.Nodes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Holds the account of the clients against what the installation says, once nothing happens any more. One thread. */
final class Inspection {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KEY = "flovyn_sk_dev_admin";
    private static final String ORG = "/api/orgs/dev";
    private static final Duration READ_MODEL = Duration.ofMinutes(5);
    private static final int PROOFS = 5;
    private static final int TASKS = 2;
    private static final int TRIES = 50;

    private final Installation installation;
    private final Nodes clients;
    private final Findings findings;
    private final Consumer<String> told;
    private final HttpClient http = HttpClient.newHttpClient();

    /** @param told what is looked at next, since each takes a while */
    Inspection(Installation installation, Nodes clients, Findings findings, Consumer<String> told) {
        this.told = told;
        this.installation = installation;
        this.clients = clients;
        this.findings = findings;
    }

    void run(List<Order> orders, Path folder) throws IOException, InterruptedException {
        List<Order> known = orders.stream().filter(Order::hasEnded).toList();
        told.accept("looks at each history");
        for (Order order : known) {
            history(order);
        }
        told.accept("starts each once more, by its key");
        keys(known);
        told.accept("waits until lists have all of it");
        counts(orders);
        told.accept("checks proofs");
        proofs(known, folder);
        command("the read model is as the log says", "audit", "compare");
        command("the log carried out again gives what was recorded", "verify");
    }

    /** What each acknowledged call has done stands there, once. */
    private void history(Order order) throws IOException, InterruptedException {
        String id = String.valueOf(order.idIfKnown());
        JsonNode execution = get("/workflow-executions/" + id);
        if (!execution.path("status").asText().equals("COMPLETED")
                || execution.path("output").asLong() != order.output()) {
            findings.wrong("workflow " + id + " should be COMPLETED with " + order.output() + ", but is "
                    + execution.path("status").asText() + " with " + execution.path("output") + " "
                    + execution.path("error").asText());
        }
        Map<String, Integer> types = new HashMap<>();
        Map<String, Instant> times = new HashMap<>();
        int last = 0;
        for (JsonNode event : get("/workflow-executions/" + id + "/events").path("events")) {
            String type = event.path("eventType").asText();
            int sequence = event.path("sequence").asInt();
            if (sequence != ++last) {
                findings.wrong("event " + last + " of workflow " + id + " has the number " + sequence);
            }
            types.merge(type, 1, Integer::sum);
            times.putIfAbsent(type, Instant.parse(event.path("createdAt").asText()));
        }
        findings.count("events looked at", last);
        expect(id, types, "TASK_SCHEDULED", TASKS, TASKS);
        expect(id, types, "TASK_COMPLETED", TASKS, TASKS);
        expect(id, types, "TIMER_FIRED", 1, 1);
        expect(id, types, "PROMISE_RESOLVED", 1, 1);
        expect(id, types, "CHILD_WORKFLOW_COMPLETED", order.hasChild() ? 1 : 0, order.hasChild() ? 1 : 0);
        expect(id, types, "SIGNAL_RECEIVED", order.isSignalled() ? 1 : 0, order.signalsSent());
        Instant begun = times.get("TIMER_STARTED");
        Instant fired = times.get("TIMER_FIRED");
        if (begun != null && fired != null && fired.isBefore(begun.plusMillis(order.sleepMs()))) {
            findings.wrong("the timer of workflow " + id + ", of " + order.sleepMs() + " ms, fired after "
                    + Duration.between(begun, fired).toMillis() + " ms");
        }
    }

    private void expect(String id, Map<String, Integer> types, String type, int least, int most) {
        int count = types.getOrDefault(type, 0);
        if (count < least || count > most) {
            findings.wrong("workflow " + id + " has " + count + " events " + type + ", not "
                    + (least == most ? String.valueOf(least) : least + " to " + most));
        }
    }

    /** A start that comes again finds what it started. */
    private void keys(List<Order> orders) {
        Map<String, Order> ids = new HashMap<>();
        for (Order order : orders) {
            String id = clients.call(order::startOnce).join();
            if (!id.equals(order.idIfKnown())) {
                findings.wrong("a start that came again made workflow " + id + " beside " + order.idIfKnown());
            }
            if (ids.put(id, order) != null) {
                findings.wrong("workflow " + id + " was acknowledged to two starts");
            }
        }
    }

    /** Nothing is there that nobody asked for, and nothing waits. */
    private void counts(List<Order> orders) throws IOException, InterruptedException {
        String path = "/workflow-executions/counts?kind=" + OrderWorkflows.ORDER;
        await(() -> number(path, "total") == orders.size());
        await(() -> number("/queues", "queues") == 0);
        JsonNode counted = get(path);
        if (counted.path("total").asLong() != orders.size()) {
            findings.wrong("the read model has " + counted + " orders, but " + orders.size() + " were asked for");
        }
        long children = orders.stream().filter(Order::hasChild).count();
        JsonNode parts = get("/workflow-executions/counts?kind=" + OrderWorkflows.PART);
        if (parts.path("total").asLong() != children) {
            findings.wrong("the read model has " + parts + " children, but " + children + " were to be started");
        }
        JsonNode queues = get("/queues");
        if (!queues.path("queues").isEmpty()) {
            findings.wrong("work stands ready though all orders have ended: " + queues);
        }
    }

    private long number(String path, String field) {
        try {
            JsonNode value = get(path).path(field);
            return value.isArray() ? value.size() : value.asLong();
        } catch (IOException e) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    private void proofs(List<Order> orders, Path folder) throws IOException {
        Path keys = Files.writeString(folder.resolve("verifier-keys"), installation.verifierKeys());
        int apart = Math.max(1, orders.size() / PROOFS);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < orders.size() && ids.size() < PROOFS; i += apart) {
            ids.add(String.valueOf(orders.get(i).idIfKnown()));
        }
        for (String id : ids) {
            Path file = folder.resolve(id + ".proof.jsonl");
            String url = installation.node(0).address().toString();
            if (tried(() -> Installation.run(
                    "audit", "proof", id, "--url", url, "--org", "dev", "--token", KEY, "-o", file.toString()))) {
                tried(() -> Installation.run("audit", "verify", file.toString(), "--key", keys.toString()));
                findings.count("proofs checked");
            }
        }
    }

    private void command(String what, String... words) {
        told.accept("looks whether " + what);
        List<String> args = new ArrayList<>(List.of(words));
        args.addAll(List.of("--config", installation.configuration().toString()));
        if (tried(() -> Installation.run(args.toArray(String[]::new)))) {
            findings.count("checked: " + what);
        }
    }

    private boolean tried(Runnable command) {
        try {
            command.run();
            return true;
        } catch (RuntimeException e) {
            findings.wrong(String.valueOf(e.getMessage()));
            return false;
        }
    }

    private static void await(BooleanSupplier met) throws InterruptedException {
        long until = System.nanoTime() + READ_MODEL.toNanos();
        while (!met.getAsBoolean() && System.nanoTime() < until) {
            Thread.sleep(100);
        }
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        URI address = installation.node(0).address().resolve(ORG + path);
        HttpRequest request = HttpRequest.newBuilder(address)
                .header("Authorization", "Bearer " + KEY)
                .timeout(Duration.ofMinutes(1))
                .build();
        for (int tries = 1; ; tries++) {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == 200) {
                return JSON.readTree(answer.body());
            }
            if (answer.statusCode() != 503 && answer.statusCode() != 429 || tries == TRIES) {
                throw new IOException("expected " + path + " to be answered with 200, but got " + answer.statusCode()
                        + " " + answer.body());
            }
            Thread.sleep(200);
        }
    }
}
