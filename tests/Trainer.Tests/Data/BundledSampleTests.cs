using System.Numerics.Tensors;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

public class BundledSampleTests
{
    [Fact]
    public void Opens_and_splits_as_its_readme_says()
    {
        using ISequenceSet sample = SequenceSet.Open(BundledSample.Path);
        Assert.Equal("article store", sample.Kind);
        Assert.Equal(512, sample.Dimension);
        Assert.Equal(8538, sample.Count);
        ArticleSplit split = ArticleSplit.Of(sample, 42);
        Assert.True(split.ByArticle);
        Assert.Null(split.Warning);
        Assert.Equal((66, 7), (split.TrainArticles, split.ValidationArticles));
        Assert.Equal((7823, 715), (split.Train.Length, split.Validation.Length));
    }

    [Fact]
    public void Is_centred_by_its_training_articles()
    {
        using ArticleStore sample = ArticleStore.Open(BundledSample.Path);
        var sum = new float[512];
        var row = new float[512];
        for (int i = 0; i < sample.RowCount; i++)
        {
            sample.CopyRow(i, row);
            Assert.Equal(1, TensorPrimitives.Norm<float>(row), 1e-6f);
            if (sample.ArticleOfRow(i) < 66)
                TensorPrimitives.Add(sum, row, sum);
        }
        // Uncentred vectors of this encoder have a mean of norm 0.6; normalising after centring leaves a little.
        Assert.True(TensorPrimitives.Norm<float>(sum) / sample.RowCount < 0.05);
    }
}
