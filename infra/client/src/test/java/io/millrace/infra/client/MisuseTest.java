package io.millrace.infra.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.infra.client.api.ExitCode;
import io.millrace.infra.client.command.Invocation;
import io.millrace.infra.client.print.Screen;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people are told who called a command wrongly: what was expected, what there is instead, where to look. */
class MisuseTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            worklfow list | expected a command of millrace, but got 'worklfow', which is near to workflow; `millrace
            workflow lst | expected a command of millrace workflow, but got 'lst', which is near to list; `millrace workflow
            workflow list --stauts running | expected an option of millrace workflow list, but got '--stauts', which is near to --status; `millrace workflow list
            workflow start order extra | expected nothing more, but got 'extra'; `millrace workflow start
            workflow list --limit abc | expected a whole number behind --limit, but got 'abc'; `millrace workflow list
            queue limit mails --rate 1.5 | expected a whole number behind --rate, but got '1.5'; `millrace queue limit
            workflow list --limit | expected a value behind --limit, but it is missing; `millrace workflow list
            workflow list -o xml | expected one of table, wide, json, yaml, id behind --output, but got 'xml'; `millrace workflow list
            workflow result 0190a5f0-0000-7000-8000-000000000001 --timeout 5 | expected a duration such as 500ms, 30s, 5m, 2h or 7d behind --timeout, but got '5'; `millrace workflow result
            workflow start order --metadata customer | expected NAME=VALUE behind --metadata, but got 'customer'; `millrace workflow start
            workflow show 123 | expected the id of an execution, a whole UUID, but got '123'; `millrace workflow show
            workflow show | expected ID, but it is missing; `millrace workflow show
            help | expected a command of millrace, but got 'help'; `millrace
            schedule create nightly order | expected --cron or --every or --at, but none of them is there; `millrace schedule create
            workflow reset 0190a5f0-0000-7000-8000-000000000001 | expected --to or --to-first, but none of them is there; `millrace workflow reset
            bulk begin cancel | expected --query and --reason, but they are missing; `millrace bulk begin
            """)
    void isToldInOneLine(String command, String told) {
        assertEquals("millrace: " + told + " --help` says what there is\n", refusal(command.split(" ")));
    }

    /** A shell makes one of a variable that is not set, and a server would take it for no key at all. */
    @ParameterizedTest
    @CsvSource(textBlock = """
            --key, workflow start order --key, millrace workflow start
            --queue, task submit charge -q, millrace task submit
            --key, workflow signal 0190a5f0-0000-7000-8000-000000000001 go --key, millrace workflow signal
            --key, bulk begin cancel --query a --reason b --key, millrace bulk begin
            --reason, workflow cancel 0190a5f0-0000-7000-8000-000000000001 --reason, millrace workflow cancel
            --reason, queue pause mails --reason, millrace queue pause
            --reason, task dismiss 0190a5f0-0000-7000-8000-000000000001 --reason, millrace task dismiss
            --reason, bulk begin cancel --query a --reason, millrace bulk begin
            """)
    void anEmptyTextIsNoKeyNoQueueAndNoReason(String option, String command, String called) {
        assertEquals(
                "millrace: expected a text that is not empty behind " + option + ", but got ''; `" + called
                        + " --help` says what there is\n",
                refusal((command + " ").split(" ", -1)));
    }

    @Test
    void anEmptyTextIsNoKind() {
        assertEquals(
                "millrace: expected a text that is not empty as KIND, but got ''; `millrace workflow start --help` says what"
                        + " there is\n",
                refusal("workflow", "start", ""));
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertEquals(
                "millrace: expected a file at " + folder.resolve("no.json")
                        + ", as --input @no.json says, but there is none\n",
                refusal("workflow", "start", "order", "--input", "@no.json", "--url", "http://127.0.0.1:1"));
    }

    @Test
    void aFolderWithoutADevelopmentServerIsToldWithWhatToDo() {
        StringWriter err = new StringWriter();
        assertEquals(ExitCode.UNREACHABLE, run(err, "status", "--context", "no/"));
        assertTrue(
                err.toString()
                        .endsWith("; start one by `millrace dev --data " + folder.resolve("no")
                                + "`, or name a server with other keys by --url, --org and --token\n"),
                err::toString);
    }

    private String refusal(String... command) {
        StringWriter err = new StringWriter();
        assertEquals(ExitCode.USAGE, run(err, command), err::toString);
        return err.toString();
    }

    private int run(StringWriter err, String... command) {
        Invocation around = new Invocation(
                Map.of("MILLRACE_ORG", "dev", "XDG_CONFIG_HOME", folder.toString()),
                folder,
                new ByteArrayInputStream(new byte[0]),
                Screen.NONE,
                InstantSource.system(),
                ZoneOffset.UTC);
        return ClientMain.execute(command, around, new PrintWriter(new StringWriter()), new PrintWriter(err, true));
    }
}
