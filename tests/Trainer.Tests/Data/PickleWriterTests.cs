using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

public sealed class PickleWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_kind_of_value_is_read_back()
    {
        var dict = new PickleDict();
        dict.Add("text", "grün \U0001F600");
        dict.Add("list", new List<object?> { 1L, "two", Array.Empty<object?>() });
        object?[] values =
        [
            null, true, false, 0L, 255L, 256L, 65535L, 65536L, -1L, (long)int.MinValue, int.MaxValue + 1L, long.MinValue, long.MaxValue,
            0.5, double.NegativeInfinity, "", new string('x', 70_000), new object?[] { 1L, null }, new List<object?>(), dict, new PickleDict(),
        ];
        Assert.Equal(values.Select(Describe), RoundTrip([values.Length], values).Select(Describe));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(999)]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(4000)]
    public void Any_number_of_objects_and_of_repeated_texts(int count)
    {
        // 700 texts, each written where it occurs first and referred to after: both widths of a reference.
        string[] texts = [.. Enumerable.Range(0, 700).Select(i => $"text {i}")];
        object?[] values = [.. Enumerable.Range(0, count).Select(i => (object?)texts[i * 13 % texts.Length])];
        Assert.Equal(values, RoundTrip([count], values));
    }

    [Fact]
    public void A_table_of_objects_keeps_its_shape()
    {
        string path = Write([2, 3], ["a", "b", "c", "d", "e", "f"]);
        using NpzArchive archive = NpzArchive.Open(path);
        Assert.Equal([2L, 3], archive.Get("objects").Header.Shape);
        Assert.Equal(["a", "b", "c", "d", "e", "f"], archive.Get("objects").ReadObjects());
    }

    [Fact]
    public void Too_few_objects_leave_no_file()
    {
        using (var writer = new NpzWriter(_folder["out.npz"]))
        {
            Assert.Throws<InvalidOperationException>(() => writer.AddObjects("objects", [3], pickle => pickle.Add("one")));
            Assert.Throws<InvalidOperationException>(writer.Complete);
        }
        Assert.Empty(_folder.Files);
    }

    private object?[] RoundTrip(long[] shape, object?[] values)
    {
        using NpzArchive archive = NpzArchive.Open(Write(shape, values));
        Assert.Equal([1L, 2], archive.Get("after").ReadIntegers());
        return archive.Get("objects").ReadObjects();
    }

    private string Write(long[] shape, object?[] values)
    {
        string path = _folder["out.npz"];
        using var writer = new NpzWriter(path);
        writer.AddObjects("objects", shape, pickle => Array.ForEach(values, pickle.Add));
        writer.AddIntegers("after", [2], [1, 2]);
        writer.Complete();
        return path;
    }

    private static string Describe(object? value) => value switch
    {
        null => "None",
        PickleDict dict => $"{{{string.Join(", ", dict.Entries.Select(entry => $"{Describe(entry.Key)}: {Describe(entry.Value)}"))}}}",
        List<object?> list => $"[{string.Join(", ", list.Select(Describe))}]",
        object?[] tuple => $"({string.Join(", ", tuple.Select(Describe))})",
        _ => FormattableString.Invariant($"{value.GetType().Name} {value:R}"),
    };
}
