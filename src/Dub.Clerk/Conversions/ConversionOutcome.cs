namespace Dub.Clerk.Conversions;

/// <summary>What became of a lead or sale.</summary>
public enum ConversionOutcome
{
    /// <summary>It was recorded.</summary>
    Recorded,

    /// <summary>It had been recorded before: the lead under this event name, or the sale under this invoice.</summary>
    Duplicate,

    /// <summary>Only the customer was created, as was asked for.</summary>
    Deferred,

    /// <summary>Nothing to record: the amount is zero.</summary>
    Nothing,

    /// <summary>The customer is unknown, and no click was given.</summary>
    UnknownCustomer,

    /// <summary>The click is unknown, or older than clicks are kept.</summary>
    UnknownClick,

    /// <summary>The click's or customer's link is gone.</summary>
    UnknownLink,

    /// <summary>The click's or customer's link is disabled.</summary>
    DisabledLink,

    /// <summary>The customer has no lead, or none of that name.</summary>
    UnknownLead,

    /// <summary>There is no exchange rate for the currency.</summary>
    UnknownCurrency,

    /// <summary>Nobody recorded the click here, and Dub, which may know it, did not answer. Calling again later may succeed.</summary>
    DubAway,

    /// <summary>The customer was erased at the person's wish, less than 90 days ago.</summary>
    ErasedCustomer,
}
