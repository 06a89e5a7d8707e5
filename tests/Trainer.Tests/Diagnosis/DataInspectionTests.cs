using System.Text.Json;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Diagnosis;
using P6bNative.Trainer.Tests.Data;

namespace P6bNative.Trainer.Tests.Diagnosis;

public sealed class DataInspectionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_store_is_measured()
    {
        // Two articles of 8 and 3 rows in the plane: neighbours of the first are 30 degrees apart.
        float[] vectors = [.. Enumerable.Range(0, 8).SelectMany(i => Direction(30 * i)), .. Direction(0), .. Direction(0), .. Direction(0)];
        vectors[0] = 2;
        string path = new NpzBuilder().Floats("vectors", vectors, 11, 2).Integers("article_indices", 4, 4, 4, 4, 4, 4, 4, 4, 6, 6, 6)
            .Integers("chunk_indices", 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 3).Write(_folder["a.npz"]);
        DataInspection found = Inspect(path);
        Assert.Equal(("article store", 2, 11), (found.Kind, found.Dimension, found.Rows));
        Assert.Equal((2, 3, 2), (found.Sequences, found.SequencesAtOffset0, found.Articles));
        Assert.Equal(new SequencesPerArticle(0, 1, 2, 1), found.PerArticle);
        Assert.Equal(1, found.ArticlesWithGaps);
        Assert.Equal(2, found.Duplicates);
        Assert.Equal((1, 2), (Math.Round(Assert.Single(found.Norms).Norms.Min, 6), found.Norms[0].Norms.Max));
        Assert.Equal(12.0 / 11, found.Norms[0].Norms.Mean, 1e-6);
        Assert.Equal(["lag 1", "lag 2", "lag 3", "lag 4", "lag 5"], found.Cosines.Select(cosine => cosine.Name));
        Assert.Equal([9L, 7, 5, 4, 3], found.Cosines.Select(cosine => cosine.Pairs));
        Assert.Equal((7 * Math.Cos(Math.PI / 6) + 2) / 9, found.Cosines[0].Mean, 1e-6);
        Assert.Equal((6 * 0.5 + 1) / 7, found.Cosines[1].Mean, 1e-6);
        Assert.Equal(0, found.Cosines[2].Mean, 1e-6);
        Assert.Equal(["vectors", "article_indices", "chunk_indices"], found.Arrays.Select(array => array.Key));
    }

    [Fact]
    public void A_sequence_file_is_measured()
    {
        DataInspection found = Inspect(Fixture.Of("p6_sequences.npz"));
        Assert.Equal(("sequence file", 768, 9, 3), (found.Kind, found.Dimension, found.Sequences, found.Articles));
        Assert.Equal(new SequencesPerArticle(3, 3, 3, 0), found.PerArticle);
        Assert.Null(found.Rows);
        Assert.Equal(0, found.Duplicates);
        Assert.Equal(["ctx0-target", "ctx1-target", "ctx2-target", "ctx3-target", "ctx4-target"], found.Cosines.Select(cosine => cosine.Name));
        using ISequenceSet set = SequenceSet.Open(Fixture.Of("p6_sequences.npz"));
        var context = new float[5 * 768];
        var target = new float[768];
        double sum = 0;
        for (int i = 0; i < set.Count; i++)
        {
            set.CopyContext(i, context);
            set.CopyTarget(i, target);
            sum += context.Skip(4 * 768).Zip(target, (a, b) => (double)a * b).Sum();
        }
        Assert.Equal(sum / set.Count, found.Cosines[4].Mean, 1e-5);
        ArrayListing contexts = found.Arrays.Single(array => array.Key == "context_sequences");
        Assert.Equal(("<f4", false, "9,5,768"), (contexts.Dtype, contexts.Stored, string.Join(',', contexts.Shape)));
    }

    [Theory]
    [InlineData("p6_sequences.npz")]
    [InlineData("p6_compat.npz")]
    [InlineData("store_f16.npz")]
    public void Text_and_json_say_the_same(string name)
    {
        DataInspection found = Inspect(Fixture.Of(name));
        using var text = new StringWriter();
        DataInspectionWriter.WriteText(found, text);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            DataInspectionWriter.WriteJson(found, writer);
            writer.WriteEndObject();
        }
        using JsonDocument json = JsonDocument.Parse(stream.ToArray());
        JsonElement root = json.RootElement;
        Assert.Equal(found.Sequences, root.GetProperty("sequences").GetInt32());
        Assert.Equal(found.Cosines[0].Mean, root.GetProperty("mean_cosine").GetProperty(found.Cosines[0].Name).GetDouble());
        Assert.Equal(found.Norms[0].Norms.Mean, root.GetProperty("norms").GetProperty(found.Norms[0].Key).GetProperty("mean").GetDouble());
        Assert.Equal(found.Arrays.Count, root.GetProperty("arrays").GetArrayLength());
        Assert.Contains($"sequences    {found.Sequences}", text.ToString(), StringComparison.Ordinal);
        Assert.All(found.Arrays, array => Assert.Contains(array.Key, text.ToString(), StringComparison.Ordinal));
        Assert.All(found.Cosines, cosine => Assert.Contains($"{cosine.Name}: {cosine.Mean:F4}", text.ToString(), StringComparison.Ordinal));
    }

    private static DataInspection Inspect(string path) =>
        DataDiagnosis.Of(new DiagnosisRequest(path, null, null, null, null, Arrow: false, Seed: 1, Threads: 1),
            () => throw new InvalidOperationException("No device is needed.")).Inspection;

    private static float[] Direction(double degrees) => [(float)Math.Cos(degrees * Math.PI / 180), (float)Math.Sin(degrees * Math.PI / 180)];
}
