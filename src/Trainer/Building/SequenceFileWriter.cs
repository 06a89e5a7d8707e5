using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Building;

/// <summary>
/// Writes sequences cut from a store as a file of the original (p6b-facts 2.2 and 2.3): its keys, types and metadata dicts, base for target
/// offset 0 and P6 above. Four keys are added: <c>article_ids</c>, <c>target_indices</c> (N,) and <c>context_articles</c> (N,5) save a
/// reader the pickle, the last tells of all five contexts where they come from; <c>target_offset</c> is in every file.
/// </summary>
internal sealed class SequenceFileWriter(ArticleStore store, WindowPlan plan, int targetOffset, string excluded)
{
    public void Write(string path)
    {
        using NpzArchive archive = NpzArchive.Open(store.Path);
        string[]? chunkNames = StoreTexts.Read(archive, "cpe_ids", store.RowCount);
        using var file = new NpzWriter(path);
        WriteVectors(file);
        if (targetOffset == 0 && StoreTexts.Read(archive, "concept_texts", store.RowCount) is { } texts)
            WriteTexts(file, texts);
        file.AddObjects("metadata", [plan.Count], pickle =>
        {
            for (int sequence = 0; sequence < plan.Count; sequence++)
                pickle.Add(Metadata(sequence, chunkNames));
        });
        file.AddScalar("context_length", SequenceSet.ContextLength);
        file.AddScalar("num_sequences", plan.Count);
        file.AddScalar("vector_dim", store.Dimension);
        string source = StoreTexts.ReadOne(archive, "source_dataset") ?? Path.GetFileName(store.Path);
        file.AddScalar("source_dataset", targetOffset == 0 ? source : $"{source}_p6_next_token");
        if (targetOffset == 0)
        {
            file.AddScalar("excluded_articles", excluded);
        }
        else
        {
            file.AddScalar("p6_mode", true);
            file.AddScalar("p6_offset", targetOffset);
        }
        WriteOrigins(file);
        file.Complete();
    }

    private void WriteVectors(NpzWriter file)
    {
        var vector = new float[store.Dimension];
        using (NpyRowWriter rows = file.Add("context_sequences", plan.Count, SequenceSet.ContextLength, store.Dimension))
        {
            for (int sequence = 0; sequence < plan.Count; sequence++)
            {
                for (int slot = 0; slot < SequenceSet.ContextLength; slot++)
                {
                    store.CopyRow(plan.ContextRow(sequence, slot), vector);
                    rows.Write(vector);
                }
            }
        }
        using (NpyRowWriter rows = file.Add("target_vectors", plan.Count, store.Dimension))
        {
            for (int sequence = 0; sequence < plan.Count; sequence++)
            {
                store.CopyRow(plan.TargetRow(sequence), vector);
                rows.Write(vector);
            }
        }
    }

    private void WriteTexts(NpzWriter file, string[] texts)
    {
        file.AddObjects("context_texts", [plan.Count, SequenceSet.ContextLength], pickle =>
        {
            for (int sequence = 0; sequence < plan.Count; sequence++)
            {
                for (int slot = 0; slot < SequenceSet.ContextLength; slot++)
                    pickle.Add(texts[plan.ContextRow(sequence, slot)]);
            }
        });
        file.AddObjects("target_texts", [plan.Count], pickle =>
        {
            for (int sequence = 0; sequence < plan.Count; sequence++)
                pickle.Add(texts[plan.TargetRow(sequence)]);
        });
    }

    private PickleDict Metadata(int sequence, string[]? chunkNames)
    {
        int target = plan.TargetRow(sequence);
        long article = store.ArticleOfRow(target);
        long lastContextArticle = store.ArticleOfRow(plan.ContextRow(sequence, SequenceSet.ContextLength - 1));
        var dict = new PickleDict();
        dict.Add("article_index", article);
        dict.Add("last_context_article", lastContextArticle);
        dict.Add("target_chunk_index", store.ChunkOfRow(target));
        dict.Add("target_cpe_id", chunkNames?[target] ?? $"{article}-{store.ChunkOfRow(target)}");
        dict.Add("crosses_article", lastContextArticle != article);
        if (targetOffset > 0)
            dict.Add("p6_offset", (long)targetOffset);
        return dict;
    }

    private void WriteOrigins(NpzWriter file)
    {
        int[] sequences = [.. Enumerable.Range(0, plan.Count)];
        file.AddIntegers("article_ids", [plan.Count], [.. sequences.Select(sequence => store.ArticleOfRow(plan.TargetRow(sequence)))]);
        file.AddIntegers("target_indices", [plan.Count], [.. sequences.Select(sequence => store.ChunkOfRow(plan.TargetRow(sequence)))]);
        file.AddIntegers("context_articles", [plan.Count, SequenceSet.ContextLength],
            [.. from sequence in sequences
                from slot in Enumerable.Range(0, SequenceSet.ContextLength)
                select store.ArticleOfRow(plan.ContextRow(sequence, slot))]);
        file.AddScalar("target_offset", targetOffset);
    }
}
