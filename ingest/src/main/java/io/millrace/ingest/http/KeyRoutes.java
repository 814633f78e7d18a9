package io.millrace.ingest.http;

import io.millrace.ingest.auth.IssuedKeys;
import io.millrace.ingest.config.ApiKey;
import io.millrace.ingest.config.KeyDigest;
import io.millrace.ingest.config.RateLimits;
import io.millrace.ingest.operations.KeyOperations.Changed;
import io.millrace.ingest.operations.KeyOperations.Made;
import io.millrace.ingest.operations.KeyOperations.Wanted;
import io.millrace.ingest.operations.Operations;
import io.millrace.ingest.validation.JsonFields;
import io.millrace.ingest.validation.RefusedException;
import io.millrace.proto.Ids;
import io.millrace.proto.v1.KeyEntry;
import io.millrace.proto.v1.KeyLimits;
import io.millrace.proto.v1.Principal;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/** API keys over HTTP. The key itself is told once, by the answer that says that it was made. */
final class KeyRoutes {

    private final Operations operations;
    private final List<ApiKey> lasting;

    /** @param lasting keys of the access file */
    KeyRoutes(Operations operations, List<ApiKey> lasting) {
        this.operations = operations;
        this.lasting = lasting;
    }

    HttpReply list(HttpCall call) {
        UUID orgId = call.asked().caller().orgId();
        List<KeyEntry> issued = operations.keys().list(call.asked().caller());
        List<ApiKey> file =
                lasting.stream().filter(key -> key.orgId().equals(orgId)).toList();
        return HttpReply.json(
                200,
                Json.object(json -> json.objects("keys", issued, this::write)
                        .objects("accessFile", file, (item, key) -> {
                            item.text("key", key.digest().publicId());
                            principal(item, key.principal());
                            item.list("queues", key.scope().queues())
                                    .list("kinds", key.scope().kinds());
                            limits(item, key.limits());
                        })));
    }

    HttpReply create(HttpCall call) {
        JsonFields fields = call.fields(
                "principalType",
                "principalId",
                "role",
                "name",
                "queues",
                "kinds",
                "expiresInMs",
                "callsPerSecond",
                "callsBurst",
                "payloadBytesPerSecond",
                "reason");
        Wanted wanted = new Wanted(
                fields.text("principalType").orElse(""),
                fields.text("principalId").orElse(""),
                fields.text("role").orElse(""),
                fields.text("name").orElse(""),
                fields.list("queues"),
                fields.list("kinds"),
                fields.integer("expiresInMs"),
                limits(fields));
        Made made = operations
                .keys()
                .create(call.asked(), wanted, fields.text("reason").orElse(""))
                .join();
        if (made.pending().isPresent()) {
            return HttpReply.json(202, Json.object(json -> {
                json.text("secret", made.key());
                ApprovalRoutes.write(json, made.pending().get());
            }));
        }
        return HttpReply.json(201, Json.object(json -> {
            json.text("secret", made.key());
            write(json, made.entry());
        }));
    }

    /** @return what the fields say; empty: none of them is there */
    private static Optional<KeyLimits> limits(JsonFields fields) {
        Optional<Long> calls = positive(fields, "callsPerSecond");
        Optional<Long> burst = positive(fields, "callsBurst");
        Optional<Long> bytes = positive(fields, "payloadBytesPerSecond");
        return calls.or(() -> burst)
                .or(() -> bytes)
                .map(any -> KeyLimits.newBuilder()
                        .setCalls(calls.orElse(0L))
                        .setBurst(burst.orElse(0L))
                        .setPayloadBytes(bytes.orElse(0L))
                        .build());
    }

    private static Optional<Long> positive(JsonFields fields, String name) {
        Optional<Long> said = fields.integer(name);
        said.filter(number -> number < 1).ifPresent(number -> {
            throw RefusedException.invalid(
                    "expected 1 or more as " + name + ", but got " + number + "; what is not limited is left out");
        });
        return said;
    }

    HttpReply expire(HttpCall call) {
        OptionalLong seen = call.expectedVersion();
        JsonFields fields = call.fields("expiresInMs", "reason");
        String reason = fields.text("reason").orElse("");
        long life = fields.integer("expiresInMs")
                .orElseThrow(() -> RefusedException.invalid(
                        "expected the milliseconds until the key expires as expiresInMs, but it is missing"));
        return changed(operations
                .keys()
                .expire(call.asked(), call.part("id"), life, reason, seen)
                .join());
    }

    HttpReply revoke(HttpCall call) {
        OptionalLong seen = call.expectedVersion();
        String reason = call.fields("reason").text("reason").orElse("");
        return changed(operations
                .keys()
                .revoke(call.asked(), call.part("id"), reason, seen)
                .join());
    }

    private HttpReply changed(Changed changed) {
        return HttpReply.json(200, Json.object(json -> {
            json.flag("changed", changed.changed());
            write(json, changed.entry());
        }));
    }

    private void write(Json json, KeyEntry entry) throws IOException {
        json.id("id", Ids.fromBytes(entry.getKeyId()))
                .text("key", KeyDigest.ofBytes(entry.getDigest().toByteArray()).publicId())
                .text("name", entry.getName())
                .text("status", operations.keys().status(entry).name());
        principal(json, entry.getPrincipal());
        limits(json, IssuedKeys.limits(entry));
        json.list("queues", entry.getQueuesList())
                .list("kinds", entry.getKindsList())
                .time("createdAt", entry.getCreatedAtMs())
                .text("createdBy", entry.getCreatedBy())
                .time("expiresAt", entry.getExpiresAtMs())
                .time("revokedAt", entry.getRevokedAtMs())
                .text("revokedBy", entry.getRevokedBy().isEmpty() ? null : entry.getRevokedBy())
                .number("version", entry.getVersion());
    }

    private static void limits(Json json, Optional<RateLimits> limits) throws IOException {
        if (limits.isPresent()) {
            RateLimits said = limits.get();
            json.number("callsPerSecond", said.calls())
                    .number("callsBurst", said.burst())
                    .number("payloadBytesPerSecond", said.payloadBytes());
        }
    }

    private static void principal(Json json, Principal principal) throws IOException {
        json.text("principalType", principal.getType().name())
                .text("principalId", principal.getId())
                .text("role", principal.getRole());
    }
}
