using P6bNative.Kernels.Devices;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Kernels.Tests.Gpu;

public sealed class ProgramCacheTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "p6b-programs-" + Guid.NewGuid().ToString("N"));

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void What_is_written_is_read_back_unless_it_was_damaged()
    {
        var cache = new ProgramCache(_folder);
        byte[] content = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
        Assert.Null(cache.Read("a"));
        cache.Write("a", content);
        cache.Write("b", [1]);
        Assert.Equal(content, cache.Read("a"));
        Assert.Equal([1], cache.Read("b"));
        string file = Path.Combine(_folder, "a.bin");
        byte[] whole = File.ReadAllBytes(file);
        foreach (byte[] damaged in (byte[][])[whole[..^1], [.. whole[..^1], (byte)~whole[^1]], [], whole[..32], [.. whole, 0]])
        {
            File.WriteAllBytes(file, damaged);
            Assert.Null(cache.Read("a"));
        }
        cache.Write("a", content);
        Assert.Equal(content, cache.Read("a"));
        Assert.Equal(["a.bin", "b.bin"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void The_key_tells_its_parts_apart()
    {
        string[] keys = [ProgramCache.Key("ab", "c"), ProgramCache.Key("a", "bc"), ProgramCache.Key("abc"), ProgramCache.Key("ab", "c", "")];
        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys[0], ProgramCache.Key("ab", "c"));
        Assert.All(keys, key => Assert.Matches("^[0-9a-f]{64}$", key));
    }

    [Fact]
    public void A_folder_that_cannot_be_used_is_no_error()
    {
        Directory.CreateDirectory(_folder);
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        foreach (string? folder in (string?[])[Path.Combine(file, "below"), null])
        {
            var cache = new ProgramCache(folder);
            cache.Write("a", [1, 2]);
            Assert.Null(cache.Read("a"));
        }
    }

    [Theory]
    [MemberData(nameof(GpuDevices.Names), MemberType = typeof(GpuDevices))]
    public void A_device_compiles_a_program_once_and_again_when_its_file_is_of_no_use(string name)
    {
        Assert.Equal(2f, RunFill(name));
        string[] files = Directory.GetFiles(_folder);
        byte[] binary = new ProgramCache(_folder).Read(Path.GetFileNameWithoutExtension(Assert.Single(files)))!;
        DateTime written = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(files[0], written);
        Assert.Equal(2f, RunFill(name));
        Assert.Equal(written, File.GetLastWriteTimeUtc(files[0]));

        // A whole file that is no program of this driver, and a truncated one: both are compiled anew and replaced.
        new ProgramCache(_folder).Write(Path.GetFileNameWithoutExtension(files[0]), "not a program\0"u8);
        Assert.Equal(2f, RunFill(name));
        Assert.InRange(new FileInfo(files[0]).Length, binary.Length / 2, binary.Length * 2);
        File.WriteAllBytes(files[0], File.ReadAllBytes(files[0])[..100]);
        Assert.Equal(2f, RunFill(name));
        Assert.InRange(new FileInfo(files[0]).Length, binary.Length / 2, binary.Length * 2);
    }

    private float RunFill(string name)
    {
        using GpuDevice device = GpuDevices.Open(name, new ProgramCache(_folder));
        using Buffer memory = device.Allocate(8);
        KernelArguments arguments = default;
        arguments.Add(memory.All);
        arguments.AddConstant(1);
        arguments.AddConstant(2);
        device.Launch(ProbeKernels.Fill, new LaunchSize(1), arguments);
        float[] values = new float[8];
        device.Download(memory.All, values);
        return values[7];
    }
}
