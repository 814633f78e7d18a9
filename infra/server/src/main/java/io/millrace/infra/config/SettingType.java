package io.millrace.infra.config;

import io.millrace.infra.tls.ClientCertificates;
import io.millrace.ingest.approvals.ApprovalAction;
import io.millrace.ingest.auth.Network;
import io.millrace.proto.mac.MacMode;
import io.millrace.proto.v1.Binding;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The form of a setting's value. The text of a value is the same in a file, in the environment and on the command line.
 *
 * @param name what messages and the reference call it
 * @param parser makes a value from the text; throws {@link IllegalArgumentException} if the text does not fit
 * @param shower makes a text from the value, from which the parser makes the same value again
 * @param <T> type of the value
 */
record SettingType<T>(String name, Function<String, T> parser, Function<T, String> shower) {

    static final SettingType<String> TEXT =
            new SettingType<>("a text that is not empty", SettingType::text, text -> text);

    static final SettingType<Path> PATH = new SettingType<>("a path", SettingType::path, Path::toString);

    static final SettingType<URI> COLLECTOR =
            new SettingType<>("an address such as http://127.0.0.1:4317", SettingType::collector, URI::toString);

    static final SettingType<Duration> DURATION =
            new SettingType<>("a duration such as 250ms, 30s, 10m or 24h", DurationText::parse, DurationText::show);

    static final SettingType<Set<NodeRole>> ROLES = new SettingType<>(
            "a list of some of ingest, dispatcher and notifier",
            SettingType::roles,
            roles -> roles.stream().map(NodeRole::key).collect(Collectors.joining(",")));

    static final SettingType<Set<ApprovalAction>> ACTIONS = new SettingType<>(
            "a list of actions, of which there are CANCEL, TERMINATE, RESET, ERASE and KEYS",
            SettingType::actions,
            actions -> actions.stream().map(ApprovalAction::name).collect(Collectors.joining(",")));

    static final SettingType<Boolean> YES_OR_NO =
            new SettingType<>("true or false", SettingType::yesOrNo, String::valueOf);

    static final SettingType<MacMode> MAC_MODE = new SettingType<>(
            "off, write or require",
            text -> MacMode.valueOf(text.toUpperCase(Locale.ROOT)),
            mode -> mode.name().toLowerCase(Locale.ROOT));

    static final SettingType<Binding> BINDING = new SettingType<>(
            "principal or credential",
            SettingType::binding,
            binding -> binding.name().toLowerCase(Locale.ROOT));

    static final SettingType<ClientCertificates> CLIENT_CERTIFICATES = new SettingType<>(
            "none, wanted or needed",
            text -> ClientCertificates.valueOf(text.toUpperCase(Locale.ROOT)),
            clients -> clients.name().toLowerCase(Locale.ROOT));

    static final SettingType<List<Network>> NETWORKS = new SettingType<>(
            "a list of addresses and networks such as 10.0.0.1,10.1.0.0/16",
            SettingType::networks,
            networks -> networks.stream().map(Network::toString).collect(Collectors.joining(",")));

    static final SettingType<Integer> PORT = number("a port, 0 for any free one", 0, 65_535);

    static SettingType<Duration> durationOfAtLeast(Duration least) {
        return new SettingType<>(
                "a duration of at least " + DurationText.show(least) + ", such as 10m or 24h",
                text -> atLeast(least, DurationText.parse(text)),
                DurationText::show);
    }

    static SettingType<Integer> number(int least) {
        return number("a whole number of at least " + least, least, Integer.MAX_VALUE);
    }

    static SettingType<Integer> number(int least, int most) {
        return number("a whole number of " + least + " to " + most, least, most);
    }

    private static SettingType<Integer> number(String name, int least, int most) {
        return new SettingType<>(name, text -> between(least, most, text), String::valueOf);
    }

    private static boolean yesOrNo(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("neither");
        };
    }

    private static int between(int least, int most, String text) {
        int value = Integer.parseInt(text.replace("_", ""));
        if (value < least || value > most) {
            throw new IllegalArgumentException("out of range");
        }
        return value;
    }

    private static List<Network> networks(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .map(Network::parse)
                .toList();
    }

    private static Duration atLeast(Duration least, Duration value) {
        if (value.compareTo(least) < 0) {
            throw new IllegalArgumentException("too short");
        }
        return value;
    }

    private static String text(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("empty");
        }
        return text;
    }

    private static Path path(String text) {
        try {
            return Path.of(text(text));
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static URI collector(String text) {
        URI uri = URI.create(text);
        boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        boolean bare = uri.getRawPath().isEmpty() || uri.getRawPath().equals("/");
        if (!web || !bare || uri.getHost() == null || uri.getPort() < 1 || uri.getPort() > 65_535) {
            throw new IllegalArgumentException("no address of a collector");
        }
        return uri;
    }

    private static Binding binding(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "principal" -> Binding.PRINCIPAL;
            case "credential" -> Binding.CREDENTIAL;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private static Set<ApprovalAction> actions(String text) {
        Set<ApprovalAction> actions = EnumSet.noneOf(ApprovalAction.class);
        Arrays.stream(text.split(",", -1))
                .map(name -> ApprovalAction.valueOf(name.strip().toUpperCase(Locale.ROOT)))
                .forEach(actions::add);
        return actions;
    }

    private static Set<NodeRole> roles(String text) {
        Set<NodeRole> roles = EnumSet.noneOf(NodeRole.class);
        Arrays.stream(text.split(",", -1))
                .map(name -> NodeRole.valueOf(name.strip().toUpperCase(Locale.ROOT)))
                .forEach(roles::add);
        return roles;
    }
}
