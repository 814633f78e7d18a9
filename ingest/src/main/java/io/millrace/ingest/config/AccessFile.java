package io.millrace.ingest.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.millrace.proto.Names;
import io.millrace.proto.auth.Role;
import io.millrace.proto.auth.Scope;
import io.millrace.proto.v1.Principal;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Reads organisations and API keys from a TOML file:
 *
 * <pre>
 * [[orgs]]
 * id = "550e8400-e29b-41d4-a716-446655440000"
 * name = "Development"
 * slug = "dev"
 * tier = "FREE"
 *
 * [orgs.encryption]
 * key_file = "/etc/millrace/dev-keys"
 *
 * [orgs.limits]
 * calls_per_second = 500
 * open_workflows = 100000
 *
 * [auth]
 * enabled = true
 *
 * [auth.static_api_key]
 * keys = [{ key = "…", org_id = "550e8400-…", principal_type = "User", principal_id = "admin", role = "ADMIN" }]
 * </pre>
 *
 * The keys of workers may be kept to {@code queues} and {@code kinds}, lists of names. In
 * {@code auth.client_certificates.principals} stands in the same way for whom a certificate stands, with its
 * {@code name} in the key's stead. Both may have {@code limits} of their own.
 *
 * {@code auth.endpoints.http} and {@code auth.endpoints.grpc} may name authenticators, of which there is only
 * {@code static_api_key}, and the authorizer {@code cedar}, which stands for the server's own rules for roles. Every other
 * key, authenticator and authorizer is an error. No message repeats an API key.
 */
public final class AccessFile {

    private static final String STATIC_API_KEY = "static_api_key";
    /** Name that existing files give to the check of roles; the server has rules of its own for it, and no policy files. */
    private static final String AUTHORIZER = "cedar";

    private static final Pattern SLUG = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");
    private static final String USER_ROLES = "OWNER, ADMIN, OPERATOR, AUDITOR or MEMBER";
    private static final Set<Role> ROLES_ONCE_GIVEN_TO_WORKERS =
            EnumSet.of(Role.WORKER, Role.OWNER, Role.ADMIN, Role.MEMBER);

    private AccessFile() {}

    /**
     * @return what the file says
     * @throws ConfigException if the file cannot be used
     */
    public static Access read(Path file) {
        JsonNode tree = TomlFile.read(file);
        try {
            return access(tree);
        } catch (ConfigException e) {
            throw new ConfigException(file + ": " + e.getMessage(), e.getCause());
        }
    }

    /**
     * @param toml text of such a file
     * @throws ConfigException if it cannot be used
     */
    public static Access parse(String toml) {
        return access(TomlFile.parse(toml, "the text"));
    }

    private static Access access(JsonNode tree) {
        TomlTable top = new TomlTable("", tree);
        List<Organisation> organisations = organisations(top);
        Set<UUID> orgIds = new HashSet<>();
        organisations.forEach(org -> orgIds.add(org.id()));

        boolean authRequired = true;
        List<ApiKey> keys = List.of();
        List<CertificatePrincipal> certificates = List.of();
        Optional<OpenIdSettings> openId = Optional.empty();
        TomlTable auth = top.table("auth").orElse(null);
        if (auth != null) {
            authRequired = auth.flag("enabled", true);
            TomlTable staticKeys = auth.table(STATIC_API_KEY).orElse(null);
            if (staticKeys != null) {
                keys = keys(staticKeys, orgIds);
                staticKeys.end();
            }
            TomlTable clients = auth.table("client_certificates").orElse(null);
            if (clients != null) {
                certificates = certificates(clients, orgIds);
                clients.end();
            }
            openId = auth.table("openid").map(table -> openId(table, orgIds));
            TomlTable endpoints = auth.table("endpoints").orElse(null);
            if (endpoints != null) {
                checkEndpoint(endpoints, "http", authRequired);
                checkEndpoint(endpoints, "grpc", authRequired);
                endpoints.end();
            }
            auth.end();
        }
        top.end();
        if (authRequired && keys.isEmpty() && certificates.isEmpty() && openId.isEmpty()) {
            throw new ConfigException("expected at least one key in auth.static_api_key.keys, a certificate in"
                    + " auth.client_certificates.principals, or an issuer in auth.openid, while auth.enabled is true, but"
                    + " there is none");
        }
        return new Access(organisations, authRequired, keys, certificates, openId);
    }

    private static List<Organisation> organisations(TomlTable top) {
        List<Organisation> organisations = new ArrayList<>();
        Set<UUID> ids = new HashSet<>();
        Set<String> slugs = new HashSet<>();
        for (TomlTable table : top.tables("orgs")) {
            UUID id = table.requiredId("id");
            String slug = table.requiredText("slug");
            String name = table.text("name").orElse(slug);
            String tier = table.text("tier").orElse("FREE");
            Optional<PayloadEncryption> encryption = table.table("encryption").map(AccessFile::encryption);
            OrganisationLimits limits =
                    table.table("limits").map(AccessFile::limits).orElse(OrganisationLimits.NONE);
            table.end();
            if (!SLUG.matcher(slug).matches()) {
                throw new ConfigException("expected 1 to 63 lower-case letters, digits and hyphens as "
                        + table.name("slug") + ", but got '" + slug + "'");
            }
            if (!ids.add(id)) {
                throw new ConfigException("expected ids of orgs to differ, but " + table.name("id") + " repeats " + id);
            }
            if (!slugs.add(slug)) {
                throw new ConfigException(
                        "expected slugs of orgs to differ, but " + table.name("slug") + " repeats '" + slug + "'");
            }
            organisations.add(new Organisation(id, name, slug, tier, encryption, limits));
        }
        if (organisations.isEmpty()) {
            throw new ConfigException("expected at least one [[orgs]], but there is none");
        }
        return organisations;
    }

    private static PayloadEncryption encryption(TomlTable table) {
        Optional<WrappingKeyStore> keyStore = table.table("key_store").map(AccessFile::keyStore);
        Optional<Path> keyFile = keyStore.isPresent()
                ? table.text("key_file").map(Path::of)
                : Optional.of(Path.of(table.requiredText("key_file")));
        PayloadEncryption encryption = new PayloadEncryption(keyFile, keyStore, table.flag("payloads", true));
        table.end();
        if (keyStore.isPresent() && keyFile.isPresent()) {
            throw new ConfigException(
                    "expected " + table.name("key_file") + " or " + table.name("key_store") + ", but both are there");
        }
        return encryption;
    }

    private static OrganisationLimits limits(TomlTable table) {
        OrganisationLimits limits = new OrganisationLimits(
                rates(table),
                table.table("each_key").map(AccessFile::ratesAlone).orElse(RateLimits.NONE),
                limit(table, "open_workflows"),
                limit(table, "schedules"));
        table.end();
        return limits;
    }

    private static RateLimits ratesAlone(TomlTable table) {
        RateLimits rates = rates(table);
        table.end();
        return rates;
    }

    private static RateLimits rates(TomlTable table) {
        RateLimits rates = new RateLimits(
                limit(table, "calls_per_second"),
                limit(table, "calls_burst"),
                limit(table, "payload_bytes_per_second"));
        if (rates.burst() > 0 && rates.calls() == 0) {
            throw new ConfigException("expected " + table.name("calls_per_second") + " beside "
                    + table.name("calls_burst") + ", but it is missing");
        }
        return rates;
    }

    private static long limit(TomlTable table, String key) {
        int limit = table.number(key).orElse(0);
        if (table.number(key).isPresent() && limit < 1) {
            throw new ConfigException("expected 1 or more as " + table.name(key) + ", but got " + limit
                    + "; what is not limited is left out");
        }
        return limit;
    }

    private static WrappingKeyStore keyStore(TomlTable table) {
        WrappingKeyStore keyStore = new WrappingKeyStore(
                new KeyStoreConfig(
                        table.requiredText("type"),
                        table.text("file").map(Path::of),
                        table.text("provider"),
                        table.text("provider_config")),
                table.text("password_file").map(Path::of),
                table.texts("aliases").orElse(List.of()));
        table.end();
        if (keyStore.aliases().isEmpty()) {
            throw new ConfigException(
                    "expected at least one alias of a key as " + table.name("aliases") + ", but there is none");
        }
        return keyStore;
    }

    private static List<ApiKey> keys(TomlTable staticKeys, Set<UUID> orgIds) {
        List<ApiKey> keys = new ArrayList<>();
        Set<KeyDigest> digests = new HashSet<>();
        for (TomlTable table : staticKeys.tables("keys")) {
            KeyDigest digest = KeyDigest.of(table.requiredText("key").strip());
            Whom whom = whom(table, orgIds);
            if (!digests.add(digest)) {
                throw new ConfigException("expected keys to differ, but " + table.name("key") + " repeats another");
            }
            keys.add(new ApiKey(digest, whom.orgId(), whom.principal(), whom.scope(), whom.limits()));
        }
        return keys;
    }

    private static List<CertificatePrincipal> certificates(TomlTable clients, Set<UUID> orgIds) {
        List<CertificatePrincipal> certificates = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (TomlTable table : clients.tables("principals")) {
            String text = table.requiredText("name");
            String name = CertificateName.parse(text)
                    .orElseThrow(() -> new ConfigException("expected " + CertificateName.FORMS + " as "
                            + table.name("name") + ", but got '" + text + "'"));
            Whom whom = whom(table, orgIds);
            if (!names.add(name)) {
                throw new ConfigException(
                        "expected names of certificates to differ, but " + table.name("name") + " repeats another");
            }
            certificates.add(
                    new CertificatePrincipal(name, whom.orgId(), whom.principal(), whom.scope(), whom.limits()));
        }
        return certificates;
    }

    private static OpenIdSettings openId(TomlTable table, Set<UUID> orgIds) {
        URI issuer = place(table, "issuer", table.requiredText("issuer"));
        Optional<UUID> fixed = table.text("org_id").map(text -> table.requiredId("org_id"));
        Optional<String> claim = table.text("org_claim");
        if (fixed.isPresent() == claim.isPresent()) {
            throw new ConfigException("expected " + table.name("org_id") + " or " + table.name("org_claim")
                    + ", which says of which organisation a token is, but "
                    + (fixed.isPresent() ? "both are there" : "neither is"));
        }
        fixed.filter(id -> !orgIds.contains(id)).ifPresent(id -> {
            throw new ConfigException("expected the id of one of the [[orgs]] as " + table.name("org_id")
                    + ", but none has the id " + id);
        });
        OpenIdSettings settings = new OpenIdSettings(
                issuer,
                table.requiredText("audience"),
                table.text("jwks_url").map(text -> place(table, "jwks_url", text)),
                new OpenIdSettings.Ownership(fixed, claim.orElse("")),
                table.text("principal_claim").orElse("sub"),
                table.text("role_claim").orElse("roles"),
                rolesOfTokens(table),
                table.table("console").map(AccessFile::console));
        table.end();
        return settings;
    }

    private static OpenIdSettings.Console console(TomlTable table) {
        List<String> scopes = table.texts("scopes").orElse(List.of("openid"));
        if (!scopes.contains("openid")
                || scopes.stream().anyMatch(scope -> !scope.matches("[\\x21\\x23-\\x5b\\x5d-\\x7e]+"))) {
            throw new ConfigException("expected scopes of OAuth, and openid among them, as " + table.name("scopes")
                    + ", but got " + scopes);
        }
        OpenIdSettings.Console console = new OpenIdSettings.Console(
                table.requiredText("client_id"),
                table.text("client_secret_file").map(Path::of),
                scopes);
        table.end();
        return console;
    }

    private static Map<String, Role> rolesOfTokens(TomlTable table) {
        Map<String, Role> roles = new HashMap<>();
        for (TomlTable each : table.tables("roles")) {
            String value = each.requiredText("value");
            String text = each.requiredText("role");
            Role role = role(text)
                    .orElseThrow(() -> new ConfigException("expected " + USER_ROLES + ", or WORKER, as "
                            + each.name("role") + ", but got '" + text + "'"));
            each.end();
            if (roles.put(value, role) != null) {
                throw new ConfigException("expected values to differ, but " + each.name("value") + " repeats another");
            }
        }
        if (roles.isEmpty()) {
            throw new ConfigException("expected at least one value and role as " + table.name("roles")
                    + ", since without a role nobody may do anything, but there is none");
        }
        return roles;
    }

    private static URI place(TomlTable table, String key, String text) {
        try {
            URI uri = URI.create(text);
            if (OpenIdSettings.isSafe(uri)) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException("expected an address as " + table.name(key) + ", but got '" + text + "'", e);
        }
        throw new ConfigException(
                "expected an address that begins with https:// as " + table.name(key) + ", but got '" + text + "'");
    }

    private record Whom(UUID orgId, Principal principal, Scope scope, Optional<RateLimits> limits) {}

    /** Reads the rest of the table. */
    private static Whom whom(TomlTable table, Set<UUID> orgIds) {
        UUID orgId = table.requiredId("org_id");
        Principal.Builder principal = principal(table);
        Optional<String> role = table.text("role");
        Scope scope = new Scope(names(table, "queues"), names(table, "kinds"));
        Optional<RateLimits> limits = table.table("limits").map(AccessFile::ratesAlone);
        table.end();
        boolean worker = principal.getType() == Principal.Type.WORKER;
        principal.setRole((worker ? workerRole(table, role) : userRole(table, role)).name());
        if (!worker && !scope.isWhole()) {
            throw new ConfigException("expected queues and kinds of keys of workers only, but "
                    + table.name(scope.queues().isEmpty() ? "kinds" : "queues") + " is of a user");
        }
        if (!orgIds.contains(orgId)) {
            throw new ConfigException("expected the id of one of the [[orgs]] as " + table.name("org_id")
                    + ", but none has the id " + orgId);
        }
        return new Whom(orgId, principal.build(), scope, limits);
    }

    private static Principal.Builder principal(TomlTable table) {
        String typeText = table.requiredText("principal_type");
        Principal.Type type = switch (typeText.toUpperCase(Locale.ROOT)) {
            case "USER" -> Principal.Type.USER;
            case "WORKER" -> Principal.Type.WORKER;
            default ->
                throw new ConfigException(
                        "expected User or Worker as " + table.name("principal_type") + ", but got '" + typeText + "'");
        };
        return Principal.newBuilder().setType(type).setId(table.requiredText("principal_id"));
    }

    private static Role userRole(TomlTable table, Optional<String> said) {
        String text = said.orElseThrow(() -> new ConfigException(
                "expected " + USER_ROLES + " as " + table.name("role") + ", but the key is missing"));
        return role(text)
                .filter(role -> role != Role.WORKER)
                .orElseThrow(() -> new ConfigException(
                        "expected " + USER_ROLES + " as " + table.name("role") + ", but got '" + text + "'"));
    }

    /** Files from before there was this role name one of a user's, which said nothing then either. */
    private static Role workerRole(TomlTable table, Optional<String> said) {
        said.ifPresent(text -> {
            if (role(text).filter(ROLES_ONCE_GIVEN_TO_WORKERS::contains).isEmpty()) {
                throw new ConfigException("expected WORKER, or nothing, as " + table.name("role")
                        + " of a worker, but got '" + text + "'");
            }
        });
        return Role.WORKER;
    }

    private static Optional<Role> role(String text) {
        return Arrays.stream(Role.values())
                .filter(role -> role.name().equals(text.toUpperCase(Locale.ROOT)))
                .findFirst();
    }

    /** An empty list would be taken for none where all is meant, and for all where none is. */
    private static Set<String> names(TomlTable table, String key) {
        List<String> names = table.texts(key).orElse(null);
        if (names == null) {
            return Set.of();
        }
        if (names.isEmpty()) {
            throw new ConfigException("expected at least one name as " + table.name(key) + ", but the list is empty");
        }
        for (String name : names) {
            Names.fault(table.name(key), name, Names.MAX_CHARS).ifPresent(fault -> {
                throw new ConfigException(fault);
            });
            if (name.isEmpty()) {
                throw new ConfigException("expected names as " + table.name(key) + ", but one is empty");
            }
        }
        return Set.copyOf(names);
    }

    /** What the server does not do must not be asked of it: a second authenticator that is ignored would let callers in. */
    private static void checkEndpoint(TomlTable endpoints, String key, boolean authRequired) {
        TomlTable endpoint = endpoints.table(key).orElse(null);
        if (endpoint == null) {
            return;
        }
        List<String> authenticators = endpoint.texts("authenticators").orElse(List.of(STATIC_API_KEY));
        if (!Set.of(STATIC_API_KEY).containsAll(authenticators) || (authRequired && authenticators.isEmpty())) {
            throw new ConfigException("expected [" + STATIC_API_KEY + "] as " + endpoint.name("authenticators")
                    + ", since this server knows static keys only, but got " + authenticators);
        }
        endpoint.text("authorizer").ifPresent(authorizer -> {
            if (!authorizer.equals(AUTHORIZER)) {
                throw new ConfigException("expected " + AUTHORIZER + " as " + endpoint.name("authorizer")
                        + ", which stands for the server's own rules for roles, but got '" + authorizer + "'");
            }
        });
        endpoint.end();
    }
}
