namespace P6bNative.Trainer.Data;

/// <summary>
/// The vectors of an array, row by row: (N,D), or (N,5,D) with the five vectors of a row side by side. All have been checked to be
/// finite and not zero. Float32 and float64 stored in C order are left in the file and read in place; deflated, Fortran-ordered,
/// big-endian and float16 arrays are read into memory. Float16 vectors are normalised to unit length, since rounding has changed
/// theirs; the others are taken as they are (float64 rounded to float32).
/// </summary>
internal abstract class VectorTable
{
    protected VectorTable(long rows, int rowLength)
    {
        Rows = rows;
        RowLength = rowLength;
    }

    public long Rows { get; }

    /// <summary>Floats in a row: D or 5·D.</summary>
    public int RowLength { get; }

    /// <summary>Norms of all vectors as the file holds them.</summary>
    public NormRange Norms { get; private set; }

    /// <summary>Copies one row; safe to call from several threads.</summary>
    public abstract void CopyRow(long row, Span<float> destination);

    /// <summary>Opens an array of shape (N,D) or (N,slots,D) and reads it once, to check all vectors and the checksum.</summary>
    /// <exception cref="InputException">Wrong element type, a vector that is zero or not finite (named by row), damage.</exception>
    public static VectorTable Open(NpyArray array)
    {
        NpyHeader header = array.Header;
        if (header.Kind != NpyKind.Float)
            throw array.Wrong($"dtype {header.Descr} is not a float; vectors are float16, float32 or float64");
        int dimension = (int)header.Shape[^1];
        int rowLength = checked((int)(header.Count / header.Shape[0]));
        var check = new VectorCheck(array, dimension);
        bool inPlace = array.IsStored && !header.FortranOrder && !header.BigEndian && header.ItemSize >= 4;
        VectorTable table = inPlace ? StoredVectors.Open(array, rowLength, check) : ResidentVectors.Read(array, rowLength, check);
        table.Norms = check.Norms;
        return table;
    }
}
