// Made by toolcell from the WIT, with every build.

/** What the host knows of stock. */
declare module 'samples:shop/stock@0.1.0' {
  export interface Item {
    /** Unique in the shop. */
    stockNumber: number;
    note?: string | null;
  }

  export class Shelf {
    constructor(width: number);
    /** @throws {undefined} */
    put(item: Item): void;
    static widest(): Shelf;
  }

  export function find(name: string, limit: number | null | undefined): Item[];

  function delete_(in_: Item): void;
  export { delete_ as delete };
}

/** A shop. */
declare module 'samples:shop/shop@0.1.0' {
  export type Item = import('samples:shop/stock@0.1.0').Item;

  export type Price = number;

  /** Named like its interface. */
  export interface Shop {
    items: Item[];
    layout: ([number, string] | null | undefined)[];
  }

  export type Season =
    | 'high-summer'
    /** Everything is closed; *\/ ends no comment. */
    | 'winter';

  export interface Days {
    openMonday?: boolean;
    openSunday?: boolean;
  }

  export type Problem =
    | { tag: 'closed' }
    /** So much is left. */
    | { tag: 'sold-out'; val: number }
    | { tag: 'unknown'; val?: Season | null };

  export interface ShopExports {
    /**
     * Buys an item.
     *
     * @param itemName What to buy.
     * @param new_ Whether it has to be new.
     * @throws {Problem}
     */
    buy(itemName: string, new_: boolean, days?: Days | null): Price;

    nested(value: { tag: 'some'; val: boolean | null | undefined } | { tag: 'none' }, results: ({ tag: 'ok' } | { tag: 'err'; val: number })[]): void;
  }
}

declare module 'samples:shop/shopping@0.1.0' {
  export interface Shopping {
    ring(times: number): string;
  }
}
