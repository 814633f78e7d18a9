package io.millrace.infra.server.installation;

import io.millrace.infra.config.NodeRole;
import io.millrace.infra.config.ServerConfig;
import io.millrace.infra.config.StatedSettings;
import io.millrace.ingest.audit.keys.SigningKey;
import io.millrace.ingest.config.Access;
import io.millrace.ingest.config.ApiKey;
import io.millrace.ingest.config.CertificatePrincipal;
import io.millrace.ingest.config.OpenIdSettings;
import io.millrace.ingest.config.Organisation;
import io.millrace.ingest.config.RateLimits;
import io.millrace.proto.auth.Scope;
import io.millrace.proto.mac.MacKey;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.proof.Sha256;
import io.millrace.proto.v1.Principal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a node starts with, in a form that the log may tell: without secrets.
 *
 * @param version version of the program
 * @param roles roles of the node, separated by commas
 * @param settings the settings in force
 * @param access who may come in. {@code <organisation> <public id of a key>} has whom the key stands for;
 *     {@code <organisation> organisation} has the organisation's names
 * @param keys keys of the installation: {@code mac <public id>} and {@code checkpoint <public id>}, each with what it
 *     is used for
 */
record NodeState(
        String version,
        String roles,
        StatedSettings settings,
        SortedMap<String, String> access,
        SortedMap<String, String> keys) {

    /** @param signing keys that sign the transparency logs; none if nobody signs */
    static NodeState of(ServerConfig config, List<SigningKey> signing) {
        return new NodeState(
                programVersion(),
                config.roles().stream().map(NodeRole::key).sorted().collect(Collectors.joining(",")),
                config.stated(),
                access(config.access()),
                keys(config, signing));
    }

    private static String programVersion() {
        String version = NodeState.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }

    /** @return who may come in, as {@link #access()} has it */
    static SortedMap<String, String> access(Access access) {
        SortedMap<String, String> entries = new TreeMap<>();
        for (Organisation organisation : access.organisations()) {
            entries.put(
                    organisation.id() + " organisation",
                    organisation.slug()
                            + (access.authRequired() ? "" : ", no key is required")
                            + organisation
                                    .encryption()
                                    .map(encryption -> encryption.on() ? ", encrypts payloads" : ", decrypts payloads")
                                    .orElse("")
                            + limited(organisation.limits().toString()));
        }
        for (ApiKey key : access.keys()) {
            entries.put(key.orgId() + " " + key.digest().publicId(), told(key.principal(), key.scope(), key.limits()));
        }
        for (CertificatePrincipal known : access.certificates()) {
            entries.put(
                    known.orgId() + " certificate " + known.name(),
                    told(known.principal(), known.scope(), known.limits()));
        }
        access.openId()
                .ifPresent(tokens -> access.organisations().stream()
                        .filter(each -> tokens.organisation().fixed().isEmpty()
                                || tokens.organisation().fixed().get().equals(each.id()))
                        .forEach(each -> entries.put(each.id() + " tokens", told(tokens))));
        return entries;
    }

    private static String told(OpenIdSettings tokens) {
        return "of " + tokens.issuer() + " for " + tokens.audience()
                + ", keys " + tokens.keys().map(URI::toString).orElse("where the issuer says")
                + (tokens.organisation().fixed().isPresent()
                        ? ""
                        : ", organisation by " + tokens.organisation().claim())
                + ", principal by " + tokens.principalClaim()
                + ", roles by " + tokens.roleClaim() + " " + new TreeMap<>(tokens.roles())
                + tokens.console()
                        .map(console -> ", console is " + console.clientId() + " and asks for "
                                + String.join(" ", console.scopes()))
                        .orElse("");
    }

    private static String told(Principal principal, Scope scope, Optional<RateLimits> limits) {
        return principal.getType() + " " + principal.getId() + ", " + principal.getRole()
                + (scope.isWhole() ? "" : ", kept to " + scope)
                + limited(limits.map(RateLimits::toString).orElse(""));
    }

    private static String limited(String to) {
        return to.isEmpty() ? "" : ", limited to " + to;
    }

    private static SortedMap<String, String> keys(ServerConfig config, List<SigningKey> signing) {
        SortedMap<String, String> entries = new TreeMap<>();
        String mode = config.macs().mode() == MacMode.OFF ? "not used" : null;
        String use = mode == null ? "writes and checks" : mode;
        for (MacKey key : config.macs().keys().all()) {
            entries.put("mac " + key.publicId(), use);
            use = mode == null ? "checks" : mode;
        }
        signing.forEach(key -> entries.put("checkpoint " + key.publicId(), "signs"));
        return entries;
    }

    /**
     * @return SHA-256 of who may come in, in 64 hexadecimal digits: of one line {@code key = value} for each entry, in
     *     their order
     */
    String accessDigest() {
        String lines = access.entrySet().stream()
                .map(entry -> entry.getKey() + " = " + entry.getValue() + "\n")
                .collect(Collectors.joining());
        return HexFormat.of().formatHex(Sha256.digest().digest(lines.getBytes(StandardCharsets.UTF_8)));
    }

    /** @return the details for the note of the start */
    Map<String, String> details() {
        Map<String, String> details = new TreeMap<>(Map.of(
                "version", version,
                "java", Runtime.version().toString(),
                "roles", roles,
                "configuration", settings.digest(),
                "access", accessDigest()));
        details.putAll(keys);
        return details;
    }

    /** @return the entries that were added, removed or changed, by name; none if both are the same */
    static SortedMap<String, String> changes(Map<String, String> before, Map<String, String> after) {
        SortedMap<String, String> changes = new TreeMap<>();
        before.forEach((name, value) -> {
            String now = after.get(name);
            if (now == null) {
                changes.put(name, "removed: " + value);
            } else if (!now.equals(value)) {
                changes.put(name, "changed: " + value + " -> " + now);
            }
        });
        after.forEach((name, value) -> {
            if (!before.containsKey(name)) {
                changes.put(name, "added: " + value);
            }
        });
        return changes;
    }
}
