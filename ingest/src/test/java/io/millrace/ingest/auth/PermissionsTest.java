package io.millrace.ingest.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.ingest.contract.ApiDocument;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.auth.Caller;
import io.millrace.proto.auth.Role;
import io.millrace.proto.auth.Scope;
import io.millrace.proto.flovyn.v1.Flovyn;
import io.millrace.proto.v1.Principal;
import io.millrace.proto.v1.RefusalReason;
import io.millrace.proto.v1.Results;
import io.millrace.proto.v1.Runs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the table of calls against the calls that there are, and docs/roles.md against the table. */
class PermissionsTest {

    private static final Path PAGE = Path.of("..", "docs", "roles.md");

    @Test
    void everyCallNeedsARight() {
        Stream<String> methods = Stream.of(Flovyn.getDescriptor(), Results.getDescriptor(), Runs.getDescriptor())
                .flatMap(file -> file.getServices().stream())
                .flatMap(service ->
                        service.getMethods().stream().map(method -> service.getFullName() + "/" + method.getName()));
        Stream<String> routes = ApiDocument.operations().stream()
                .filter(operation -> !operation.description().has("security"))
                .map(ApiDocument.Operation::toString);

        Set<String> calls = Stream.concat(methods, routes).collect(Collectors.toCollection(TreeSet::new));

        assertEquals(calls, new TreeSet<>(Permissions.all().keySet()));
    }

    @Test
    void thePageShowsTheTablesAsTheCodeHasThem() throws IOException {
        List<String> page = Files.readAllLines(PAGE);

        assertEquals(
                Permissions.all().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(call -> "| `" + call.getKey() + "` | " + call.getValue() + " |")
                        .toList(),
                page.stream().filter(line -> line.startsWith("| `")).toList());
        for (Right right : Right.values()) {
            String holders = Arrays.stream(Role.values())
                    .map(role -> right.holders().contains(role) ? " yes |" : " no |")
                    .collect(Collectors.joining());
            List<String> rows = page.stream()
                    .filter(line -> line.startsWith("| " + right + " |"))
                    .toList();
            assertEquals(1, rows.size(), right.name());
            assertTrue(rows.get(0).endsWith(" |" + holders), () -> "expected" + holders + " in " + rows.get(0));
        }
    }

    @Test
    void aRefusalSaysWhichRolesMay() {
        RefusedException refusal = Permissions.refusal(
                        caller(Role.WORKER, Scope.WHOLE), "POST /api/orgs/{slug}/workflow-executions/{id}/cancel")
                .orElseThrow();

        assertEquals(RefusalReason.PERMISSION_DENIED, refusal.reason());
        assertEquals(
                "expected a key with the role OWNER, ADMIN or OPERATOR to call POST"
                        + " /api/orgs/{slug}/workflow-executions/{id}/cancel, but ann has the role WORKER",
                refusal.getMessage());
    }

    @Test
    void whatStandsInNoTableIsForNobody() {
        assertTrue(Permissions.refusal(caller(Role.OWNER, Scope.WHOLE), "DELETE /api/orgs/{slug}")
                .isPresent());
    }

    @Test
    void aKeyForSomeQueuesListsNothing() {
        Scope some = new Scope(Set.of("billing"), Set.of());

        RefusedException refusal = Permissions.refusal(
                        caller(Role.WORKER, some), "GET /api/orgs/{slug}/workflow-executions")
                .orElseThrow();

        assertTrue(refusal.getMessage().contains("kept to the queues [billing]"), refusal.getMessage());
    }

    private static Caller caller(Role role, Scope scope) {
        return new Caller(
                new UUID(1, 1),
                "dev",
                Principal.newBuilder().setId("ann").setRole(role.name()).build(),
                "peer",
                scope);
    }
}
