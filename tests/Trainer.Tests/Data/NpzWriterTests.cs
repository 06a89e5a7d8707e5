using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

public sealed class NpzWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_back()
    {
        float[] raw = RandomVectors.Unit(new Random(1), 7, 12);
        float[] cos = RandomVectors.Unit(new Random(2), 7, 12);
        string path = _folder["out.npz"];
        using (var writer = new NpzWriter(path))
        {
            using (NpyRowWriter rows = writer.Add("raw", 7, 12))
            {
                for (int row = 0; row < 7; row++)
                    rows.Write(raw.AsSpan(row * 12, 12));
            }
            using (NpyRowWriter rows = writer.Add("cos", 7, 12))
                rows.Write(cos);
            using (NpyRowWriter rows = writer.Add("none", 0, 12))
                rows.Write([]);
            writer.AddIntegers("article_ids", [3], [long.MinValue, 0, 9]);
            Assert.Equal([Path.GetFileName(path) + $".{Environment.ProcessId}.tmp"], _folder.Files);
            writer.Complete();
        }
        Assert.Equal(["out.npz"], _folder.Files);
        using NpzArchive archive = NpzArchive.Open(path);
        Assert.Equal(["raw", "cos", "none", "article_ids"], archive.Keys);
        Assert.Equal([7L, 12], archive.Get("raw").Header.Shape);
        Assert.Equal(raw, archive.Get("raw").ReadSingles());
        Assert.Equal(cos, archive.Get("cos").ReadSingles());
        Assert.Empty(archive.Get("none").ReadSingles());
        Assert.Equal([long.MinValue, 0, 9], archive.Get("article_ids").ReadIntegers());
        // numpy can map the data: it begins at a multiple of 64 behind the member's own header.
        Assert.Equal(0, archive.Get("raw").Header.Length % 64);
    }

    [Fact]
    public void Zip_libraries_read_it_too()
    {
        string path = _folder["out.npz"];
        using (var writer = new NpzWriter(path))
        {
            writer.AddIntegers("a", [3], [1, 2, 3]);
            writer.Complete();
        }
        using var archive = System.IO.Compression.ZipFile.OpenRead(path);
        using Stream content = Assert.Single(archive.Entries).Open();
        var bytes = new byte[128 + 24];
        content.ReadExactly(bytes);
        Assert.Equal(-1, content.ReadByte());
        Assert.Equal(3, BitConverter.ToInt64(bytes, 128 + 16));
    }

    [Fact]
    public void A_file_that_is_not_completed_leaves_nothing_and_keeps_the_old_one()
    {
        string path = _folder["out.npz"];
        File.WriteAllText(path, "old");
        using (var writer = new NpzWriter(path))
        {
            using NpyRowWriter rows = writer.Add("raw", 7, 12);
            rows.Write(new float[12]);
        }
        Assert.Equal(["out.npz"], _folder.Files);
        Assert.Equal("old", File.ReadAllText(path));
    }

    [Fact]
    public void Arrays_must_be_written_whole_and_one_at_a_time()
    {
        using var writer = new NpzWriter(_folder["out.npz"]);
        NpyRowWriter rows = writer.Add("raw", 2, 2);
        Assert.Throws<InvalidOperationException>(() => rows.Write(new float[5]));
        Assert.Throws<InvalidOperationException>(() => writer.Add("cos", 2, 2));
        rows.Write(new float[3]);
        rows.Dispose();
        Assert.Throws<InvalidOperationException>(writer.Complete);
    }

    [Fact]
    public void Places_that_cannot_be_written_are_named()
    {
        string path = Path.Combine(_folder["missing"], "out.npz");
        Assert.Contains("cannot be written", Refusal.Of(path, () => new NpzWriter(path).Dispose()), StringComparison.Ordinal);
        string folder = Path.GetDirectoryName(_folder["x"])!;
        Assert.Contains("is a directory", Refusal.Of(folder, () => new NpzWriter(folder).Dispose()), StringComparison.Ordinal);
    }

    [Fact]
    public void Directories_beyond_4_GiB_use_zip64()
    {
        // A sparse file: only the directory is written.
        string path = _folder["large.npz"];
        var members = new List<ZipMember>
        {
            new("a.npy", ZipMember.Stored, 1, 5L << 30, 5L << 30, 0),
            new("b.npy", ZipMember.Stored, 2, 10, 10, (5L << 30) + 100),
        };
        using (var stream = new FileStream(path, FileMode.Create))
        {
            stream.Position = (5L << 30) + 200;
            ZipDirectoryWriter.Write(stream, members);
        }
        using InputFile file = InputFile.Open(path);
        Assert.Equal(members, ZipDirectory.Read(file));
    }
}
