using System.Buffers.Binary;
using System.Text;

namespace P6bNative.Model.Tests;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder["file.safetensors"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tensors_and_metadata_come_back()
    {
        float[] matrix = [1, -2, float.Epsilon, float.MaxValue, -0f, 1e-30f];
        var metadata = new Dictionary<string, string> { ["format"] = "pt", ["note"] = "ä \"quoted\"\nline" };
        SafetensorsWriter.Write(
            File, [SafetensorsSource.FromMemory("b.weight", [2, 3], matrix), SafetensorsSource.FromMemory("a", [], new float[] { 7 })], metadata);
        using SafetensorsFile file = SafetensorsFile.Open(File);
        Assert.Equal(["b.weight", "a"], file.Entries.Select(entry => entry.Name));
        Assert.Equal([2, 3], file["b.weight"].Shape);
        Assert.Empty(file["a"].Shape);
        Assert.Equal(metadata, file.Metadata);
        Assert.Equal(matrix, Read(file, "b.weight"));
        Assert.Equal([7f], Read(file, "a"));
        var middle = new float[2];
        file.Read("b.weight", 2, middle);
        Assert.Equal(matrix[2..4], middle);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Read("b.weight", 5, new float[2]));
    }

    [Fact]
    public void Data_begin_at_a_multiple_of_eight_bytes_and_files_are_reproducible()
    {
        SafetensorsSource[] tensors = [SafetensorsSource.FromMemory("x", [3], new float[] { 1, 2, 3 })];
        for (int length = 0; length < 9; length++)
        {
            var metadata = new Dictionary<string, string> { ["k"] = new('v', length) };
            SafetensorsWriter.Write(File, tensors, metadata);
            byte[] bytes = System.IO.File.ReadAllBytes(File);
            Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(bytes) % 8);
            Assert.Equal(0x3F800000, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes))));
            SafetensorsWriter.Write(File, tensors, metadata);
            Assert.Equal(bytes, System.IO.File.ReadAllBytes(File));
        }
    }

    [Fact]
    public void A_tensor_larger_than_a_chunk_is_written_and_read_in_pieces()
    {
        float[] numbers = [.. Enumerable.Range(0, 200_001).Select(i => (float)i)];
        SafetensorsWriter.Write(File, [SafetensorsSource.FromMemory("x", [200_001], numbers)]);
        using SafetensorsFile file = SafetensorsFile.Open(File);
        Assert.Equal(numbers, Read(file, "x"));
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_no_temporary()
    {
        SafetensorsWriter.Write(File, [SafetensorsSource.FromMemory("x", [1], new float[] { 1 })]);
        byte[] before = System.IO.File.ReadAllBytes(File);
        var failing = new SafetensorsSource("x", [4], (_, _) => throw new InvalidOperationException("device lost"));
        Assert.Throws<InvalidOperationException>(() => SafetensorsWriter.Write(File, [failing]));
        Assert.Equal(before, System.IO.File.ReadAllBytes(File));
        Assert.Equal(["file.safetensors"], _folder.Files);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_a_one_line_error()
    {
        SafetensorsException error = Assert.Throws<SafetensorsException>(() => SafetensorsWriter.Write(_folder["no/such/file"], []));
        Assert.Contains("no/such/file: cannot be written", error.Message);
        error = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(_folder["absent"]));
        Assert.Contains("absent: cannot be read", error.Message);
    }

    [Theory]
    [InlineData("F16", "003C00C000350080", new[] { 1f, -2f, 0.3125f, -0f })]
    [InlineData("BF16", "803F00C0CD3D80FF", new[] { 1f, -2f, 0.10009765625f, float.NegativeInfinity })]
    [InlineData("F64", "000000000000F03F00000000000000C0", new[] { 1f, -2f })]
    public void Other_floating_types_are_converted(string type, string hex, float[] expected)
    {
        byte[] data = Convert.FromHexString(hex);
        Write($$$"""{"x":{"dtype":"{{{type}}}","shape":[{{{expected.Length}}}],"data_offsets":[0,{{{data.Length}}}]}}""", data);
        using SafetensorsFile file = SafetensorsFile.Open(File);
        Assert.Equal(expected, Read(file, "x"));
    }

    [Fact]
    public void Integers_can_be_listed_but_not_read_as_numbers()
    {
        Write("""{"x":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}""", new byte[8]);
        using SafetensorsFile file = SafetensorsFile.Open(File);
        SafetensorsException error = Assert.Throws<SafetensorsException>(() => Read(file, "x"));
        Assert.Contains("tensor 'x' has type I64; F32, F16, BF16 or F64 is needed.", error.Message);
    }

    [Fact]
    public void Empty_tensors_take_no_bytes()
    {
        Write("""{"x":{"dtype":"F32","shape":[0,5],"data_offsets":[0,0]},"y":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", new byte[4]);
        using SafetensorsFile file = SafetensorsFile.Open(File);
        Assert.Equal(0, file["x"].Length);
        Assert.Equal([0f], Read(file, "y"));
    }

    public static TheoryData<string, int, string> Hostile => new()
    {
        { "", 0, "the header is not JSON" },
        { "{", 0, "the header is not JSON" },
        { "[]", 0, "the header must be a JSON object" },
        { "null", 0, "the header must be a JSON object" },
        { """{"x":1}""", 0, "tensor 'x' must be an object with dtype, shape and data_offsets" },
        { """{"x":{}}""", 0, "tensor 'x': dtype '' is not one of BOOL" },
        { """{"x":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}""", 4, "tensor 'x': dtype 'F99' is not one of" },
        { """{"x":{"dtype":1,"shape":[1],"data_offsets":[0,4]}}""", 4, "tensor 'x': dtype '' is not one of" },
        { """{"x":{"dtype":"F32","data_offsets":[0,4]}}""", 4, "tensor 'x': shape must be a list of whole numbers" },
        { """{"x":{"dtype":"F32","shape":4,"data_offsets":[0,4]}}""", 4, "tensor 'x': shape must be a list of whole numbers" },
        { """{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "at least 0" },
        { """{"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "at least 0" },
        { """{"x":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""", 4, "at least 0" },
        { """{"x":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""", 4, "at least 0" },
        { """{"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "data_offsets must be two numbers, not 1" },
        { """{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "F32 [2] does not take 4 bytes" },
        { """{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "F32 [1] does not take -4 bytes" },
        { """{"x":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "does not take 0 bytes" },
        { """{"x":{"dtype":"F32","shape":[2305843009213693952,2],"data_offsets":[0,0]}}""", 0, "does not take 0 bytes" },
        { """{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "ends at byte 8 of 4 data bytes: the file is truncated or damaged" },
        { """{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "begins at data byte 4, but the tensor before it ends at 0" },
        { """{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "4 bytes follow the last tensor" },
        {
            """{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12,
            "tensor 'y' begins at data byte 4, but the tensor before it ends at 8"
        },
        {
            """{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4,
            "the header is not JSON of the safetensors kind"
        },
        { """{"__metadata__":[]}""", 0, "__metadata__ must be an object of strings" },
        { """{"__metadata__":{"step":5}}""", 0, "__metadata__, key 'step': the value must be a string" },
        { """{"x\ny":{"dtype":"F32"}}""", 0, "tensor 'x y': shape" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_damaged_header_is_a_one_line_error(string header, int dataLength, string message)
    {
        Write(header, new byte[dataLength]);
        SafetensorsException error = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(File));
        Assert.StartsWith(File, error.Message);
        Assert.Contains(message, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("", "is 0 bytes long")]
    [InlineData("01020304", "is 4 bytes long")]
    [InlineData("FFFFFFFFFFFFFFFF", "announces a header of 18446744073709551615 bytes in a file of 8")]
    [InlineData("0900000000000000207B7D", "announces a header of 9 bytes in a file of 11")]
    [InlineData("504B0304140000000800", "announces a header of")]
    public void Other_files_are_recognised(string hex, string message)
    {
        System.IO.File.WriteAllBytes(File, Convert.FromHexString(hex));
        Assert.Contains(message, Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(File)).Message);
    }

    [Fact]
    public void Any_single_damaged_header_byte_is_refused_or_harmless()
    {
        SafetensorsWriter.Write(File, [SafetensorsSource.FromMemory("x", [2], new float[] { 1, 2 })], new Dictionary<string, string> { ["k"] = "v" });
        byte[] sound = System.IO.File.ReadAllBytes(File);
        var random = new Random(5);
        for (int position = 0; position < sound.Length - 8; position++)
        {
            byte[] damaged = [.. sound];
            damaged[position] ^= (byte)(1 << random.Next(8));
            System.IO.File.WriteAllBytes(File, damaged);
            Exception? error = Record.Exception(() =>
            {
                using SafetensorsFile file = SafetensorsFile.Open(File);
                Assert.All(file.Entries, entry => Assert.InRange(entry.End, 0, 8));
            });
            Assert.True(error is null or SafetensorsException, $"byte {position}: {error}");
        }
    }

    private static float[] Read(SafetensorsFile file, string name)
    {
        var values = new float[file[name].Length];
        file.Read(name, 0, values);
        return values;
    }

    private void Write(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, json.Length);
        System.IO.File.WriteAllBytes(File, [.. prefix, .. json, .. data]);
    }
}
