using System.Text.Json;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Diagnosis;

/// <summary>Prints a <see cref="DataInspection"/> for people and for programs.</summary>
internal static class DataInspectionWriter
{
    /// <summary>A table of plain text.</summary>
    public static void WriteText(DataInspection inspection, TextWriter writer)
    {
        Row("file", inspection.Path);
        Row("kind", inspection.Kind);
        Row("dimension", $"{inspection.Dimension}");
        if (inspection.Rows is { } rows)
            Row("rows", $"{rows}");
        if (inspection.SequencesAtOffset0 is { } next)
        {
            Row("sequences", $"{inspection.Sequences} at target offset 1 (P6)");
            Row("", $"{next} at target offset 0");
        }
        else
        {
            Row("sequences", $"{inspection.Sequences}");
        }
        Row("articles", inspection.Articles is { } articles ? $"{articles}" : "unknown: a random split leaks, add article_ids");
        if (inspection.PerArticle is { } per)
            Row("per article", $"{per.Min} to {per.Max} sequences, mean {per.Mean:F1}; {per.Without} articles without any");
        if (inspection.ArticlesWithGaps is { } gaps)
            Row("chunk gaps", $"{gaps} articles");
        Row("duplicates", $"{inspection.Duplicates}");
        foreach (VectorNorms norms in inspection.Norms)
            Row("norms", $"{norms.Key}: min {norms.Norms.Min:F6}, mean {norms.Norms.Mean:F6}, max {norms.Norms.Max:F6}");
        foreach (MeanCosine cosine in inspection.Cosines)
            Row("mean cosine", $"{cosine.Name}: {cosine.Mean:F4} over {cosine.Pairs} pairs");
        int width = inspection.Arrays.Max(array => array.Key.Length);
        foreach (ArrayListing array in inspection.Arrays)
            Row("array", $"{array.Key.PadRight(width)}  {array.Dtype,-4} {MessageText.Shape([.. array.Shape])}{(array.Stored ? "" : " deflated")}");

        void Row(string name, string value) => writer.WriteLine($"{name,-12} {value}");
    }

    /// <summary>Members of a JSON object that has been begun.</summary>
    public static void WriteJson(DataInspection inspection, Utf8JsonWriter json)
    {
        json.WriteString("file", inspection.Path);
        json.WriteString("kind", inspection.Kind);
        json.WriteNumber("dimension", inspection.Dimension);
        WriteCount(json, "rows", inspection.Rows);
        json.WriteNumber("sequences", inspection.Sequences);
        WriteCount(json, "sequences_at_offset_0", inspection.SequencesAtOffset0);
        WriteCount(json, "articles", inspection.Articles);
        WriteCount(json, "articles_with_gaps", inspection.ArticlesWithGaps);
        if (inspection.PerArticle is { } per)
        {
            json.WriteStartObject("sequences_per_article");
            json.WriteNumber("min", per.Min);
            json.WriteNumber("mean", per.Mean);
            json.WriteNumber("max", per.Max);
            json.WriteNumber("articles_without", per.Without);
            json.WriteEndObject();
        }
        json.WriteNumber("duplicates", inspection.Duplicates);
        WriteNorms(json, inspection.Norms);
        WriteCosines(json, inspection.Cosines);
        WriteArrays(json, inspection.Arrays);
    }

    private static void WriteCount(Utf8JsonWriter json, string name, int? count)
    {
        if (count is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    private static void WriteNorms(Utf8JsonWriter json, IReadOnlyList<VectorNorms> norms)
    {
        json.WriteStartObject("norms");
        foreach (VectorNorms vectors in norms)
        {
            json.WriteStartObject(vectors.Key);
            json.WriteNumber("min", vectors.Norms.Min);
            json.WriteNumber("mean", vectors.Norms.Mean);
            json.WriteNumber("max", vectors.Norms.Max);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteCosines(Utf8JsonWriter json, IReadOnlyList<MeanCosine> cosines)
    {
        json.WriteStartObject("mean_cosine");
        foreach (MeanCosine cosine in cosines)
            json.WriteNumber(cosine.Name, cosine.Mean);
        json.WriteEndObject();
    }

    private static void WriteArrays(Utf8JsonWriter json, IReadOnlyList<ArrayListing> arrays)
    {
        json.WriteStartArray("arrays");
        foreach (ArrayListing array in arrays)
        {
            json.WriteStartObject();
            json.WriteString("key", array.Key);
            json.WriteString("dtype", array.Dtype);
            json.WriteStartArray("shape");
            foreach (long extent in array.Shape)
                json.WriteNumberValue(extent);
            json.WriteEndArray();
            json.WriteBoolean("stored", array.Stored);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
