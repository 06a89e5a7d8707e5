using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

/// <summary>Damaged and malicious files end in an InputException, nothing else: no crash, no hang, no huge allocation.</summary>
public sealed class HostileFileTests : IDisposable
{
    private const long SmallAllocation = 64 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Samples =>
        new("sequences stored", "sequences deflated", "sequences with metadata", "store stored", "store deflated");

    [Theory]
    [MemberData(nameof(Samples))]
    public void Cut_off_anywhere(string sample)
    {
        byte[] bytes = Make(sample);
        string path = _folder["a.npz"];
        for (int length = 0; length < bytes.Length; length += length is > 300 && length < bytes.Length - 300 ? 7 : 1)
        {
            File.WriteAllBytes(path, bytes[..length]);
            Refusal.OfData(path);
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void One_byte_flipped_anywhere(string sample)
    {
        byte[] bytes = Make(sample);
        string path = _folder["a.npz"];
        File.WriteAllBytes(path, bytes);
        float[] expected = VectorsOf(path);
        int refused = 0;
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] damaged = [.. bytes];
            damaged[at] ^= (byte)(at % 3 == 0 ? 0xFF : 1 << (at % 8));
            File.WriteAllBytes(path, damaged);
            refused += IsRefused(path, expected) ? 1 : 0;
        }
        Assert.True(refused > bytes.Length * 3 / 4, $"{refused} of {bytes.Length}");
    }

    [Fact]
    public void Many_bytes_overwritten_anywhere()
    {
        byte[] sound = Make("sequences with metadata");
        string path = _folder["a.npz"];
        File.WriteAllBytes(path, sound);
        float[] expected = VectorsOf(path);
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            byte[] bytes = [.. sound];
            int start = random.Next(bytes.Length - 30);
            random.NextBytes(bytes.AsSpan(start, random.Next(4, 30)));
            File.WriteAllBytes(path, bytes);
            IsRefused(path, expected);
        }
    }

    [Theory]
    [InlineData("(4611686018427387904, 4)")]
    [InlineData("(1152921504606846976, 5, 3)")]
    [InlineData("(99999999999999999999999999, 5, 3)")]
    [InlineData("(4294967296, 4294967296, 4294967296)")]
    [InlineData("(1000000000, 5, 3)")]
    [InlineData("(0, 9223372036854775807, 9223372036854775807)")]
    [InlineData("(-1, 5, 3)")]
    [InlineData("(2, 5, 3")]
    [InlineData("(2, 5, 3) + (1,)")]
    [InlineData("2")]
    [InlineData("(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)")]
    public void Shapes_that_lie(string shape)
    {
        byte[] data = new byte[2 * 5 * 3 * 4];
        string path = new NpzBuilder().Array("contexts", "<f4", shape, data).Floats("targets", new float[6], 2, 3).Write(_folder["a.npz"]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("contexts", Refusal.OfData(path), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < SmallAllocation);
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'shape': (2, 5, 3), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': None, 'shape': (2, 5, 3), }")]
    [InlineData("{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': (2, 5, 3), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 5, 3), 'more': 1}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 5, 3), } x")]
    [InlineData("{'descr': '<f4")]
    [InlineData("")]
    public void Headers_that_are_no_headers(string header)
    {
        string path = new NpzBuilder().Member("contexts", NpzBuilder.Npy(header, new byte[120])).Floats("targets", new float[6], 2, 3)
            .Write(_folder["a.npz"]);
        Assert.Contains("contexts", Refusal.OfData(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 7)]
    [InlineData(255, 255)]
    public void Unknown_header_versions(byte major, byte minor)
    {
        byte[] member = NpzBuilder.Npy(NpzBuilder.Header("<f4", "(2, 5, 3)"), new byte[120]);
        (member[6], member[7]) = (major, minor);
        string path = new NpzBuilder().Member("contexts", member).Floats("targets", new float[6], 2, 3).Write(_folder["a.npz"]);
        Assert.Contains("version", Refusal.OfData(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_that_is_longer_than_anything()
    {
        byte[] member = [0x93, .. "NUMPY"u8, 2, 0, 0xFF, 0xFF, 0xFF, 0xFF, .. new byte[100]];
        string path = new NpzBuilder().Member("vectors", member).Write(_folder["a.npz"]);
        Assert.Contains("too long", Refusal.OfData(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_deflate_bomb_is_refused_at_its_first_vector()
    {
        // 256 MiB of zeros in 250 KiB.
        var zeros = new byte[256 << 20];
        string path = new NpzBuilder(deflated: true).Array("vectors", "<f4", "(262144, 256)", zeros)
            .Integers("article_indices", new long[262144]).Write(_folder["a.npz"]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("vectors row 0: a zero vector", Refusal.OfData(path), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < SmallAllocation);
    }

    [Theory]
    [InlineData(12, "compression method 12")]
    [InlineData(14, "compression method 14")]
    public void Other_compression_methods(byte method, string message)
    {
        byte[] bytes = Make("sequences deflated");
        int entry = bytes.AsSpan().IndexOf("PK\x01\x02"u8);
        bytes[entry + 10] = method;
        File.WriteAllBytes(_folder["a.npz"], bytes);
        Assert.Contains(message, Refusal.OfData(_folder["a.npz"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_with_line_breaks_stay_on_one_line()
    {
        string path = new NpzBuilder().Floats("a\nb\tc\u0007", new float[6], 2, 3).Write(_folder["a.npz"]);
        Assert.Contains("neither a sequence file", Refusal.OfData(path), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_key_twice()
    {
        string path = new NpzBuilder().Floats("vectors", [1], 1, 1).Floats("vectors", [1], 1, 1).Write(_folder["a.npz"]);
        Assert.Contains("vectors occurs twice", Refusal.OfData(path), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_archive()
    {
        File.WriteAllBytes(_folder["text.npz"], "hello, this is not a zip archive at all"u8.ToArray());
        Assert.Contains("no zip archive", Refusal.OfData(_folder["text.npz"]), StringComparison.Ordinal);
        File.WriteAllBytes(_folder["empty.npz"], []);
        Assert.Contains("empty", Refusal.OfData(_folder["empty.npz"]), StringComparison.Ordinal);
        Assert.Contains("no such file", Refusal.OfData(_folder["missing.npz"]), StringComparison.Ordinal);
        Directory.CreateDirectory(_folder["folder"]);
        Assert.Contains("is a directory", Refusal.OfData(_folder["folder"]), StringComparison.Ordinal);
        File.WriteAllBytes(_folder["no-members.npz"], new NpzBuilder().ToBytes());
        Assert.Contains("neither", Refusal.OfData(_folder["no-members.npz"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Links_are_followed()
    {
        File.WriteAllBytes(_folder["a.npz"], Make("store stored"));
        File.CreateSymbolicLink(_folder["link.npz"], _folder["a.npz"]);
        using (ISequenceSet set = SequenceSet.Open(_folder["link.npz"]))
            Assert.Equal(4, set.Count);
        File.WriteAllBytes(_folder["a.npz"], []);
        Assert.Contains("is empty", Refusal.OfData(_folder["link.npz"]), StringComparison.Ordinal);
    }

    private static byte[] Make(string sample)
    {
        bool deflated = !sample.EndsWith("stored", StringComparison.Ordinal);
        var random = new Random(7);
        return sample.StartsWith("store", StringComparison.Ordinal)
            ? new NpzBuilder(deflated).Floats("vectors", RandomVectors.Unit(random, 16, 6), 16, 6)
                .Integers("article_indices", [.. Enumerable.Range(0, 16).Select(i => i / 8L)])
                .Integers("chunk_indices", [.. Enumerable.Range(0, 16).Select(i => i % 8L)]).ToBytes()
            : sample.EndsWith("metadata", StringComparison.Ordinal)
                ? RandomVectors.Sequences(random, 3, 4, deflated: true)
                    .Objects("metadata", 3, PickleBuilder.Dicts("article_index", 1, 2, 3)).ToBytes()
                : RandomVectors.Sequences(random, 3, 4, deflated).Integers("article_ids", 1, 2, 3).Integers("target_indices", 5, 6, 7).ToBytes();
    }

    // Damage to a time stamp, or to the name of an array that need not be there, changes nothing; vectors never change.
    private static bool IsRefused(string path, float[] expected)
    {
        try
        {
            Assert.Equal(expected, VectorsOf(path));
            return false;
        }
        catch (InputException error)
        {
            Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
            return true;
        }
    }

    private static float[] VectorsOf(string path)
    {
        using ISequenceSet set = SequenceSet.Open(path);
        var values = new float[set.Count * 6 * set.Dimension];
        for (int i = 0; i < set.Count; i++)
        {
            set.CopyContext(i, values.AsSpan(i * 6 * set.Dimension, 5 * set.Dimension));
            set.CopyTarget(i, values.AsSpan((i * 6 + 5) * set.Dimension, set.Dimension));
        }
        return values;
    }
}
