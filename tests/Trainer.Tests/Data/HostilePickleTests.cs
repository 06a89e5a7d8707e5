using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

/// <summary>A pickle is read and never run; what is not an array of plain dicts is refused by name.</summary>
public sealed class HostilePickleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("numpy.core.multiarray")]
    [InlineData("numpy._core.multiarray")]
    public void Module_names_of_numpy_1_and_2(string module)
    {
        byte[] pickle = PickleBuilder.ArrayOf(1, module).Bytes((byte)'}').Text("article_id").Bytes((byte)'K', 9, (byte)'s').EndArray();
        using ISequenceSet set = SequenceSet.Open(Write(pickle, 1));
        Assert.Equal(9, set.ArticleOf(0));
    }

    [Theory]
    [InlineData("posix", "system")]
    [InlineData("os", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("__builtin__", "exec")]
    [InlineData("subprocess", "Popen")]
    [InlineData("numpy", "load")]
    [InlineData("numpy.core.multiarray", "frombuffer")]
    [InlineData("_codecs", "decode")]
    public void Functions_are_refused_by_name_and_not_run(string module, string name)
    {
        string trace = _folder["trace"];
        byte[] old = new PickleBuilder().Global(module, name).Text($"touch {trace}").Bytes(0x85, (byte)'R').End();
        Assert.Contains($"{module}.{name}", Refuse(old), StringComparison.Ordinal);
        byte[] nested = PickleBuilder.ArrayOf(1).Bytes((byte)'}').Text("article_index").Global(module, name).Text($"touch {trace}")
            .Bytes(0x85, (byte)'R', (byte)'s').EndArray();
        Assert.Contains($"{module}.{name}", Refuse(nested), StringComparison.Ordinal);
        byte[] modern = new PickleBuilder(4).Text(module).Text(name).Bytes(0x93).Text($"touch {trace}").Bytes(0x85, (byte)'R').End();
        Assert.Contains($"{module}.{name}", Refuse(modern), StringComparison.Ordinal);
        Assert.False(File.Exists(trace));
    }

    // INST, OBJ, NEWOBJ, NEWOBJ_EX, EXT1, EXT2, EXT4, PERSID, BINPERSID, EMPTY_SET, FROZENSET,
    // NEXT_BUFFER, READONLY_BUFFER, BYTEARRAY8, INT, LONG, FLOAT, UNICODE, GET, PUT.
    [Theory]
    [InlineData('i')]
    [InlineData('o')]
    [InlineData('\x81')]
    [InlineData('\x92')]
    [InlineData('\x82')]
    [InlineData('\x83')]
    [InlineData('\x84')]
    [InlineData('P')]
    [InlineData('Q')]
    [InlineData('\x8f')]
    [InlineData('\x91')]
    [InlineData('\x97')]
    [InlineData('\x98')]
    [InlineData('\x96')]
    [InlineData('I')]
    [InlineData('L')]
    [InlineData('F')]
    [InlineData('V')]
    [InlineData('g')]
    [InlineData('p')]
    public void Other_opcodes_are_refused(char opcode)
    {
        byte[] pickle = new PickleBuilder().Text("x").Bytes((byte)opcode, 1, 2, 3, 4).End();
        Assert.Contains($"opcode 0x{(int)opcode:x2}", Refuse(pickle), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(255)]
    public void Other_protocols_are_refused(byte protocol) =>
        Assert.Contains("protocol 2 to 5", Refuse(new PickleBuilder(protocol).Text("x").End()), StringComparison.Ordinal);

    [Fact]
    public void Damaged_structures_are_refused()
    {
        byte[][] bodies =
        [
            [(byte)'s'], [(byte)'u'], [(byte)'e'], [(byte)'a'], [(byte)'t'], [0x87], [(byte)'R'], [(byte)'b'], [(byte)'0'], [(byte)'1'], [(byte)'2'],
            [(byte)'h', 3], [(byte)'j', 1, 2, 3, 4], [(byte)'q', 1], [0x94], [0x93], [(byte)'d'], [(byte)'l'],
            [(byte)'N', (byte)'N', (byte)'a'], [(byte)'K', 1, (byte)'K', 1, (byte)'R'], [(byte)'}', (byte)'(', (byte)'K', 1, (byte)'u'],
            [(byte)'(', (byte)'0', (byte)'0'], [(byte)'N', (byte)'(', (byte)'a'],
            [0x8A, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0x8B, 0xFF, 0xFF, 0xFF, 0x7F],
            [0x8B, 0xFF, 0xFF, 0xFF, 0xFF], [(byte)'X', 0xFF, 0xFF, 0xFF, 0xFF], [0x8D, 0, 0, 0, 0, 0, 0, 0, 0x80], [0x8E, 0, 0, 0, 0, 1, 0, 0, 0],
            [(byte)'T', 0xFF, 0xFF, 0xFF, 0xFF], [(byte)'K', 1], [(byte)'}'], [(byte)']'], [(byte)'N'], [],
        ];
        foreach (byte[] body in bodies)
            Refuse(new PickleBuilder().Bytes(body).End());
        Refuse([]);
        Refuse([0x80]);
        Refuse([0x80, 2]);
        Refuse([0x80, 2, (byte)'c', .. Enumerable.Repeat((byte)'a', 1000)]);
    }

    [Fact]
    public void Arrays_of_other_things_are_refused()
    {
        Assert.Contains("row 0 is not a dict", Refuse(PickleBuilder.ArrayOf(1).Bytes((byte)'K', 1).EndArray()), StringComparison.Ordinal);
        Assert.Contains("2 objects", Refuse(PickleBuilder.Dicts("article_index", 1, 2)), StringComparison.Ordinal);
        byte[] text = PickleBuilder.ArrayOf(1).Bytes((byte)'}').Text("article_index").Text("7").Bytes((byte)'s').EndArray();
        Assert.Contains("row 0: article_index is not an integer", Refuse(text), StringComparison.Ordinal);
        string path = Write(PickleBuilder.ArrayOf(2).Bytes((byte)'}', (byte)'}').Text("article_id").Bytes((byte)'K', 1, (byte)'s').EndArray(), 2);
        Assert.Contains("only 1 of 2 rows", Refusal.OfData(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dict_that_contains_itself_does_no_harm()
    {
        byte[] pickle = PickleBuilder.ArrayOf(1).Bytes((byte)'}', (byte)'q', 1).Text("self").Bytes((byte)'h', 1, (byte)'s')
            .Text("article_index").Bytes((byte)'K', 4, (byte)'s').EndArray();
        using ISequenceSet set = SequenceSet.Open(Write(pickle, 1));
        Assert.Equal(4, set.ArticleOf(0));
    }

    [Theory]
    [InlineData('(')]
    [InlineData('}')]
    [InlineData(']')]
    [InlineData('N')]
    [InlineData('2')]
    public void An_opcode_repeated_twenty_million_times_is_refused_early(char opcode)
    {
        var body = new byte[20_000_000];
        Array.Fill(body, (byte)opcode);
        string path = Write(new PickleBuilder().Bytes((byte)'N').Bytes(body).End(), 1, deflated: true);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("far larger", Refusal.OfData(path), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 8 << 20);
    }

    [Fact]
    public void Random_pickles_are_refused()
    {
        byte[] sound = PickleBuilder.Dicts("article_index", 1, 2, 3);
        string path = _folder["a.npz"];
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            byte[] bytes = [.. sound];
            for (int i = random.Next(1, 4); i > 0; i--)
                bytes[random.Next(2, bytes.Length)] = (byte)random.Next(256);
            RandomVectors.Sequences(random, 3, 2).Objects("metadata", 3, bytes).Write(path);
            try
            {
                // A changed number or name can still be a sound pickle.
                SequenceSet.Open(path).Dispose();
            }
            catch (InputException error)
            {
                Assert.StartsWith($"{path}: metadata", error.Message, StringComparison.Ordinal);
            }
        }
    }

    private string Write(byte[] pickle, int count, bool deflated = false) =>
        RandomVectors.Sequences(new Random(1), count, 4, deflated).Objects("metadata", count, pickle).Write(_folder["pickle.npz"]);

    private string Refuse(byte[] pickle)
    {
        string message = Refusal.OfData(Write(pickle, 1));
        Assert.StartsWith(": metadata", message, StringComparison.Ordinal);
        return message;
    }
}
