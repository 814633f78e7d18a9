package io.millrace.ingest.audit.tlog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignedNoteTest {

    /** The note, and the keys, that the documentation of golang.org/x/mod/sumdb/note gives as examples. */
    private static final String NOTE = """
            If you think cryptography is the answer to your problem,
            then you don't know what your problem is.

            — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
            """;

    private static final String VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private static final String SEED = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

    /** The examples of tlog-cosignature and tlog-witness; their keys are not published. */
    private static final String COSIGNED = """
            example.com/behind-the-sofa
            20852163
            CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

            — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
            — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
            """;

    @Test
    void checksThePublishedNote() {
        SignedNote note = SignedNote.parse(NOTE);
        NoteVerifier verifier = new NoteVerifier(VerifierKey.parse(VERIFIER));

        assertEquals(NOTE, note.toString());
        assertTrue(note.signatures().getFirst().isOf(verifier.key()));
        assertTrue(verifier.verifies(note.text(), note.signatures().getFirst()));
        assertFalse(verifier.verifies(
                note.text().replace("your", "my"), note.signatures().getFirst()));
    }

    @Test
    void signsThePublishedNoteToTheSameByte() throws Exception {
        byte[] typed = Base64Text.decode(SEED);
        PrivateKey key = KeyFactory.getInstance("Ed25519")
                .generatePrivate(
                        new EdECPrivateKeySpec(NamedParameterSpec.ED25519, Arrays.copyOfRange(typed, 1, typed.length)));
        SignedNote published = SignedNote.parse(NOTE);

        NoteSignature signature =
                new NoteSigner(VerifierKey.parse(VERIFIER), key, Optional.empty()).sign(published.text(), 0);

        assertEquals(published.signatures(), List.of(signature));
    }

    @Test
    void readsThePublishedCheckpoint() {
        SignedNote note = SignedNote.parse(COSIGNED);
        Checkpoint checkpoint = Checkpoint.parse(note.text());

        assertEquals("example.com/behind-the-sofa", checkpoint.origin());
        assertEquals(20_852_163, checkpoint.size());
        assertEquals(note.text(), checkpoint.text());
        assertEquals("witness.example.com/w1+8d66cf3f", note.signatures().get(1).signer());
        assertEquals(COSIGNED, note.toString());
    }

    @Test
    void aCosignatureCoversItsTime() throws Exception {
        NoteSigner witness = signer("witness.example/w1", KeyType.COSIGNATURE);
        String text = SignedNote.parse(COSIGNED).text();

        NoteSignature signature = witness.sign(text, 1_679_315_147);

        NoteVerifier verifier = new NoteVerifier(witness.key());
        assertTrue(verifier.verifies(text, signature));
        assertEquals(1_679_315_147, timeOf(signature));
        byte[] later = signature.signature().clone();
        later[7]++;
        assertFalse(verifier.verifies(text, new NoteSignature(signature.name(), signature.keyId(), later)));
        assertFalse(new NoteVerifier(new VerifierKey(
                        "witness.example/w1", KeyType.ED25519, witness.key().publicKey()))
                .verifies(text, signature));
    }

    @Test
    void mlDsaSignsTheStructureOfTlogCosignature() throws Exception {
        assumeTrue(RawKeys.known(KeyType.ML_DSA_44), "ML-DSA needs JDK 24 or newer");
        NoteSigner signer = signer("example.com/log", KeyType.ML_DSA_44);
        Checkpoint checkpoint = new Checkpoint("example.com/log", 3, new TreeHasher().empty());

        NoteSignature signature = signer.sign(checkpoint.text(), 7);

        assertEquals(8 + 2_420, signature.signature().length);
        NoteVerifier verifier = new NoteVerifier(VerifierKey.parse(signer.key().toString()));
        assertTrue(verifier.verifies(checkpoint.text(), signature));
        assertFalse(verifier.verifies(new Checkpoint("example.com/log", 4, checkpoint.root()).text(), signature));
        byte[] message = SignedMessage.of(signer.key(), 7, checkpoint.text());
        assertEquals(12 + 1 + 15 + 8 + 1 + 15 + 8 + 8 + 32, message.length);
        assertEquals(
                "subtree/v1\n\0\u000fexample.com/log",
                new String(message, 0, 28, java.nio.charset.StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "text\n",
                "text\n\n",
                "text\n\n- a AAAAAAA=\n",
                "text\n\n— a AAAAAA==\n",
                "text\n\n— a b AAAAAAA=\n",
                "text\n\n— a+b AAAAAAA=\n",
                "text\n\n— a AAAAAAA=",
                "te\txt\n\n— a AAAAAAA=\n",
                "text\n\n— a AAAAAAB=\n"
            })
    void refusesWhatIsNoNote(String note) {
        assertThrows(TlogException.class, () -> SignedNote.parse(note));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\n1\n",
                "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
                "a\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
                "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
                "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n",
                "a\n9999999999999999999\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
            })
    void refusesWhatIsNoCheckpoint(String text) {
        assertThrows(TlogException.class, () -> Checkpoint.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a+00000000+AQ==",
                "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "PeterNeumann+c74f20a3+",
                "PeterNeumann+c74f20a3+/xpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
            })
    void refusesWhatIsNoVerifierKey(String text) {
        assertThrows(TlogException.class, () -> VerifierKey.parse(text));
    }

    @Test
    void requestsToWitnessesReadWhatTheyWrite() {
        Hash hash = new TreeHasher().empty();
        AddCheckpoint request = new AddCheckpoint(20_852_014, List.of(hash), COSIGNED);

        assertEquals(request, AddCheckpoint.parse(request.toString()));
        assertTrue(request.toString().startsWith("old 20852014\n" + hash + "\n\nexample.com/"));
        assertThrows(TlogException.class, () -> AddCheckpoint.parse(COSIGNED));
        assertThrows(
                TlogException.class, () -> AddCheckpoint.parse("old 1\n" + (hash + "\n").repeat(64) + "\n" + COSIGNED));
    }

    /** @return when a cosignature says that it was made, seconds since the epoch */
    private static long timeOf(NoteSignature cosignature) {
        return ByteBuffer.wrap(cosignature.signature()).getLong();
    }

    static NoteSigner signer(String name, KeyType type) throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance(type.algorithm()).generateKeyPair();
        return new NoteSigner(
                new VerifierKey(name, type, RawKeys.of(type, pair.getPublic())), pair.getPrivate(), Optional.empty());
    }
}
