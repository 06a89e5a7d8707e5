using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

/// <summary>Arrays written by numpy come back as numpy wrote them.</summary>
public class NumpyFilesTests
{
    public static TheoryData<string> KindFiles => new("kinds_stored.npz", "kinds_deflated.npz", "kinds_zip64.npz");

    [Theory]
    [MemberData(nameof(KindFiles))]
    public void Floats_of_any_size_and_byte_order(string file)
    {
        using NpzArchive archive = NpzArchive.Open(Fixture.Of(file));
        float[] expected = Ramp(12);
        foreach (string key in new[] { "ramp_f2", "ramp_f4", "ramp_f8", "ramp_big_f2", "ramp_big_f4", "ramp_big_f8" })
        {
            NpyArray array = archive.Get(key);
            Assert.Equal([3L, 4L], array.Header.Shape);
            Assert.Equal(expected, array.ReadSingles());
        }
    }

    [Theory]
    [MemberData(nameof(KindFiles))]
    public void Integers_of_any_size_and_byte_order(string file)
    {
        using NpzArchive archive = NpzArchive.Open(Fixture.Of(file));
        foreach (string type in new[] { "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "big_i2", "big_i4", "big_i8" })
            Assert.Equal([0L, 3, 6, 9, 12, 15], archive.Get("count_" + type).ReadIntegers());
        Assert.Equal([-128L, -1, 127], archive.Get("negative_i1").ReadIntegers());
        Assert.Equal([int.MinValue, -1L, int.MaxValue], archive.Get("negative_i4").ReadIntegers());
        Assert.Equal([long.MinValue, -1L, long.MaxValue], archive.Get("negative_i8").ReadIntegers());
        Assert.Equal([1L, 0, 1], archive.Get("flags").ReadIntegers());
    }

    [Theory]
    [MemberData(nameof(KindFiles))]
    public void Text_scalars_and_empty_arrays(string file)
    {
        using NpzArchive archive = NpzArchive.Open(Fixture.Of(file));
        Assert.Equal(["plain", "", "grün", "\U0001F600 end"], archive.Get("text").ReadStrings());
        Assert.Equal(["plain", "grün"], archive.Get("big_text").ReadStrings());
        Assert.Equal([2.5f], archive.Get("scalar_float").ReadSingles());
        Assert.Equal([7L], archive.Get("scalar_int").ReadIntegers());
        Assert.Equal([1L], archive.Get("scalar_bool").ReadIntegers());
        Assert.Equal(["state_of_the_union"], archive.Get("scalar_text").ReadStrings());
        Assert.Empty(archive.Get("scalar_int").Header.Shape);
        Assert.Empty(archive.Get("empty").ReadSingles());
    }

    [Theory]
    [MemberData(nameof(KindFiles))]
    public void Fortran_order_is_turned_into_C_order(string file)
    {
        using NpzArchive archive = NpzArchive.Open(Fixture.Of(file));
        Assert.True(archive.Get("fortran_2").Header.FortranOrder);
        Assert.Equal(Ramp(12), archive.Get("fortran_2").ReadSingles());
        Assert.Equal(Ramp(30), archive.Get("fortran_3").ReadSingles());
        Assert.Equal([0L, 1, 2, 3, 4, 5], archive.Get("fortran_int").ReadIntegers());
    }

    [Theory]
    [InlineData("complex")]
    [InlineData("structured")]
    [InlineData("text")]
    [InlineData("count_i4")]
    public void What_is_no_float_is_refused_by_its_dtype(string key)
    {
        using NpzArchive archive = NpzArchive.Open(Fixture.Of("kinds_stored.npz"));
        InputException error = Assert.Throws<InputException>(() => archive.Get(key).ReadSingles());
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.Contains("dtype", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version_1")]
    [InlineData("version_2")]
    [InlineData("version_3")]
    public void Header_versions(string key)
    {
        using NpzArchive archive = NpzArchive.Open(Fixture.Of("versions.npz"));
        Assert.Equal(Ramp(12), archive.Get(key).ReadSingles());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Pickled_dicts_of_every_protocol(int protocol)
    {
        using NpzArchive archive = NpzArchive.Open(Fixture.Of("pickles.npz"));
        object?[] items = archive.Get($"protocol_{protocol}").ReadObjects();
        Assert.Equal(9, items.Length);
        for (int i = 0; i < items.Length; i++)
        {
            PickleDict dict = Assert.IsType<PickleDict>(items[i]);
            Assert.Equal(16, dict.Entries.Count);
            Assert.Equal((long)(i / 4), Value(dict, "article_index"));
            Assert.Equal(i % 4 + 6L, Value(dict, "target_chunk_index"));
            Assert.Equal($"made-{i}", Value(dict, "target_cpe_id"));
            Assert.Equal(i % 2 == 0, Value(dict, "crosses_article"));
            Assert.Equal(-0.25 * i, Value(dict, "score"));
            Assert.Null(Value(dict, "nothing"));
            Assert.Equal((1L << 40) + i, Value(dict, "large"));
            Assert.Equal(-i - 70000L, Value(dict, "negative"));
            Assert.Equal(0.5, Value(dict, "numpy_float"));
            Assert.Equal(true, Value(dict, "numpy_bool"));
            Assert.Equal("grün", Value(dict, "numpy_text"));
            var list = Assert.IsType<List<object?>>(Value(dict, "list"));
            Assert.Equal(1L, list[0]);
            Assert.Equal("two", list[1]);
            Assert.Equal([3.0], Assert.IsType<object?[]>(list[2]));
            Assert.Equal([1L, 2L, 3L, 4L], Assert.IsType<object?[]>(Value(dict, "tuple")));
            Assert.Equal(new string('x', 300), Value(dict, "text of more than 255 characters"));
        }
        var alone = Assert.IsType<PickleDict>(Assert.Single(archive.Get($"alone_{protocol}").ReadObjects()));
        Assert.Equal(3L, Value(alone, "article_id"));
    }

    private static float[] Ramp(int count) => [.. Enumerable.Range(0, count).Select(i => i * 0.5f - 1)];

    private static object? Value(PickleDict dict, string key) => dict.TryGet(key, out object? value) ? value : throw new KeyNotFoundException(key);
}
