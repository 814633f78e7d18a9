package io.millrace.infra.client.command;

import io.millrace.infra.client.api.ClientException;
import io.millrace.infra.client.json.JsonCodec;
import io.millrace.infra.client.json.JsonException;
import io.millrace.infra.client.json.RawJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;

/** JSON from the user: as an argument, as @ and the name of a file, or as a dash for standard input. */
public final class JsonInput {

    private JsonInput() {}

    /**
     * @param option name of the option, for messages
     * @return the text as it was given, byte for byte
     * @throws ClientException if it is not JSON, or cannot be read
     */
    public static RawJson read(String option, String given, Invocation around) {
        String text = text(option, given, around);
        try {
            JsonCodec.parse(text);
        } catch (JsonException e) {
            throw ClientException.usage("expected JSON behind " + option + ", but " + e.getMessage()
                    + "; a text stands in quotes of its own, as in '\"text\"'");
        }
        return new RawJson(text);
    }

    private static String text(String option, String given, Invocation around) {
        boolean file = given.startsWith("@");
        if (!file && !given.equals("-")) {
            return given;
        }
        try {
            byte[] read = file
                    ? Files.readAllBytes(around.folder().resolve(given.substring(1)))
                    : around.in().readAllBytes();
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(read))
                    .toString();
        } catch (CharacterCodingException e) {
            throw ClientException.usage(
                    "expected UTF-8 behind " + option + " " + given + ", but there are other bytes");
        } catch (NoSuchFileException e) {
            throw ClientException.usage(
                    "expected a file at " + e.getFile() + ", as " + option + " " + given + " says, but there is none");
        } catch (IOException e) {
            throw ClientException.usage(
                    "expected to read what " + option + " " + given + " names, but could not: " + e);
        }
    }
}
